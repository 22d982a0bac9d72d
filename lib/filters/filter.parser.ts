import { byteLength, jsonExceeds } from '../common/json.js';
import { FilterError } from './filter.errors.js';
import { FILTER_LIMITS } from './filter.limits.js';
import { readFilter } from './filter.reader.js';
import { FilterReading } from './filter.reading.js';
import { Filter } from './filter.js';

/**
 * Reads a filter. No filter at all (`undefined` or null) is the same as `{}`: it matches everything.
 *
 * The JSON is copied, so later changes of it do not change the filter.
 *
 * @throws {FilterError} with every problem at once, when the JSON is not a filter of the language
 * @publicApi
 */
export function parseFilter(json: unknown): Filter {
  const source = json ?? {};
  const reading = new FilterReading();
  try {
    const node = readFilter(source, 'filters', 1, reading);
    const text = copyOf(source, reading);
    if (text !== undefined && reading.issues.length === 0) return new Filter(text, node);
  } catch {
    // A getter or proxy of the host threw, so the place can't be named.
    reading.report('filters', 'type', "A filter must be plain JSON; this object can't be read.");
  }
  throw new FilterError(reading.issues);
}

/** The JSON text. Reports a filter that is not JSON or is too large, and returns `undefined`. */
function copyOf(source: unknown, reading: FilterReading): string | undefined {
  // A sound filter is plain JSON with few parts and characters, so it can be written out and measured.
  const text = reading.isSound ? textOf(source) : undefined;
  if (text !== undefined && byteLength(text) <= FILTER_LIMITS.bytes) return text;
  if (reading.oversized || jsonExceeds(source, FILTER_LIMITS.bytes)) {
    reading.report(
      'filters',
      'limit',
      `The filter exceeds ${FILTER_LIMITS.bytes} bytes as JSON. Shorten its lists, or split the script.`,
    );
    return undefined;
  }
  // In nearly every case, the problem has been reported at its place already.
  if (reading.issues.length === 0)
    reading.report('filters', 'type', 'A filter must be plain JSON; this object is not.');
  return undefined;
}

function textOf(source: unknown): string | undefined {
  try {
    return JSON.stringify(source);
  } catch {
    return undefined;
  }
}

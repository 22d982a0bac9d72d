import type { Diagnostic } from '@codemirror/lint';
import { readFilter } from '../../../../filters/filter.reader.js';
import { FilterReading } from '../../../../filters/filter.reading.js';
import type { JsonObject } from '../editor.types.js';
import { jsonFaults } from '../json/json.faults.js';
import { isObject, parsed } from '../json/json.text.js';
import { JsonTree } from '../json/json.tree.js';

/** The faults of a filter's text with their places: those that the API would report. */
export function filterFaults(text: string): Diagnostic[] {
  const faults = jsonFaults(text, 'object');
  const filter = parsed(text);
  if (!isObject(filter)) return faults;
  const tree = new JsonTree(text);
  const issues = issuesOf(filter).map(({ path, message }): Diagnostic => {
    const { from, to } = tree.locate(path) ?? { from: 0, to: text.length };
    return { from, to, severity: 'error', message };
  });
  return [...faults, ...issues];
}

/** The filter in a text: null for an empty text, `undefined` while the text is not a valid filter. */
export function filterIn(text: string): JsonObject | null | undefined {
  if (text.trim() === '') return null;
  const filter = parsed(text);
  return isObject(filter) && issuesOf(filter).length === 0 ? filter : undefined;
}

/** Reads the filter as the API does. Only the API checks its total size. */
function issuesOf(filter: JsonObject): FilterReading['issues'] {
  const reading = new FilterReading();
  readFilter(filter, 'filters', 1, reading);
  return reading.issues;
}

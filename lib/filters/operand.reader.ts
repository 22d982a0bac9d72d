import type { JsonValue } from '../common/json.types.js';
import { DecimalOperand, isDecimalText } from './decimal.js';
import type { OrderOperand } from './filter.ast.js';
import { FILTER_LIMITS } from './filter.limits.js';
import type { FilterReading } from './filter.reading.js';
import type { JsonScalar } from './filter.types.js';
import { readInstant } from './instant.js';
import { clip, describe, isJsonObject, quote } from './json-text.js';
import { compareWith } from './order.js';
import { hasStrayBackslash } from './text.js';

/** Reads a scalar: a text, a finite number, true, false or null. */
export function readScalar(json: unknown, place: string, reading: FilterReading): JsonScalar | undefined {
  if (typeof json === 'string') return reading.allowsText(json, place) ? json : undefined;
  if (json === null || typeof json === 'boolean') return json;
  if (typeof json === 'number' && Number.isFinite(json)) return json;
  const hint =
    Array.isArray(json) || isJsonObject(json) ? ' To compare a whole object or list, use "eq" or "ne".' : '';
  reading.report(
    place,
    'operand',
    `A value must be a text, a number, true, false or null, not ${describe(json)}.${hint}`,
  );
  return undefined;
}

/** Reads a list of scalars that is not empty. */
export function readItems(
  json: readonly unknown[],
  place: string,
  reading: FilterReading,
): JsonScalar[] | undefined {
  if (json.length === 0) {
    reading.report(
      place,
      'operand',
      'An empty list never matches. Add at least one value, or use { "size": 0 } to match an empty list in the data.',
    );
    return undefined;
  }
  const items = reading
    .itemsOf(json, place)
    .map((item, index) => readScalar(item, `${place}[${index}]`, reading));
  return items.includes(undefined) ? undefined : (items as JsonScalar[]);
}

/** Reads any JSON value, and copies it. */
export function readJson(
  json: unknown,
  place: string,
  depth: number,
  reading: FilterReading,
): JsonValue | undefined {
  const isList = Array.isArray(json);
  if (!isList && !isJsonObject(json)) return readScalar(json, place, reading);
  if (!reading.allowsDepth(depth + 1, place)) return undefined;
  if (isList) {
    return reading
      .itemsOf(json, place)
      .map((item, index) => readJson(item, `${place}[${index}]`, depth + 1, reading) as JsonValue);
  }
  // Without a prototype, so that a key such as `__proto__` is an ordinary one.
  const copy = Object.create(null) as { [key: string]: JsonValue };
  for (const key of Object.keys(json)) {
    reading.countPart();
    if (reading.full) break;
    const member = `${place}.${clip(key, FILTER_LIMITS.textCharacters)}`;
    reading.allowsText(key, member);
    copy[key] = readJson(json[key], member, depth + 1, reading) as JsonValue;
  }
  return copy;
}

/** Reads a bound: a number, decimal text or an ISO 8601 date. */
export function readOrder(
  json: unknown,
  name: string,
  place: string,
  reading: FilterReading,
): OrderOperand | undefined {
  if (typeof json === 'number' && Number.isFinite(json))
    return { kind: 'number', json, decimal: new DecimalOperand(json) };
  const takes = `"${name}" takes a number, a number as text such as "10.50", or a date such as "2026-01-31" or "2026-01-31T08:00:00Z"`;
  if (typeof json !== 'string') {
    reading.report(place, 'operand', `${takes}, not ${describe(json)}.`);
    return undefined;
  }
  if (!reading.allowsText(json, place)) return undefined;
  if (isDecimalText(json)) return { kind: 'number', json, decimal: new DecimalOperand(json) };
  const date = readInstant(json);
  if (date.kind === 'instant' && date.zoned) return { kind: 'date', json, instant: date.instant };
  const problem = {
    instant: `The date-time ${quote(json)} has no time zone. Add "Z" for UTC, or an offset such as "+02:00".`,
    impossible: `${quote(json)} is not a valid date or time: it does not exist.`,
    'not-a-date': `${takes}, not ${describe(json)}.`,
  };
  reading.report(place, 'operand', problem[date.kind]);
  return undefined;
}

/** Reads the two bounds of `between`, of one kind and in order. */
export function readRange(
  json: unknown,
  place: string,
  reading: FilterReading,
): { low: OrderOperand; high: OrderOperand } | undefined {
  if (!Array.isArray(json) || json.length !== 2) {
    reading.report(
      place,
      'operand',
      `"between" takes a list of two bounds, [low, high], both included, not ${describe(json)}${Array.isArray(json) && json.length > 0 ? ` of ${json.length}` : ''}.`,
    );
    return undefined;
  }
  const low = readOrder(json[0], 'between', `${place}[0]`, reading);
  const high = readOrder(json[1], 'between', `${place}[1]`, reading);
  if (low === undefined || high === undefined) return undefined;
  if (low.kind !== high.kind) {
    reading.report(place, 'operand', '"between" takes two numbers or two dates, not one of each.');
    return undefined;
  }
  if (compareWith(low)(high.json) < 0) {
    reading.report(
      place,
      'operand',
      `"between" has the low bound ${JSON.stringify(low.json)} above the high bound ${JSON.stringify(high.json)}. Write [low, high].`,
    );
    return undefined;
  }
  return { low, high };
}

/** Reads a text that is not empty. For `like`, each backslash must escape something. */
export function readText(
  json: unknown,
  name: string,
  place: string,
  reading: FilterReading,
): string | undefined {
  if (typeof json !== 'string' || json === '') {
    reading.report(place, 'operand', `"${name}" takes a non-empty text, not ${describe(json)}.`);
    return undefined;
  }
  if (!reading.allowsText(json, place)) return undefined;
  if (name === 'like' && hasStrayBackslash(json)) {
    reading.report(
      place,
      'operand',
      `In "like", a backslash can only escape "*" or "\\". Write "\\\\" for a backslash in ${quote(json)}.`,
    );
    return undefined;
  }
  return json;
}

/** Reads a number of elements: a whole number from 0. */
export function readSize(json: unknown, place: string, reading: FilterReading): number | undefined {
  if (typeof json === 'number' && Number.isSafeInteger(json) && json >= 0) return json;
  reading.report(place, 'operand', `"size" takes a whole number of 0 or more, not ${describe(json)}.`);
  return undefined;
}

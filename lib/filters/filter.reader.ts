import { readCondition } from './condition.reader.js';
import type { EntryNode, FieldNode, FilterNode, GroupNode } from './filter.ast.js';
import { FILTER_LIMITS } from './filter.limits.js';
import type { FilterReading } from './filter.reading.js';
import { parseFieldPath, pointerTo, type FieldPath, type PathProblem } from './field-path.js';
import { clip, describe, isEmpty, isJsonObject, quote } from './json-text.js';
import { suggestOperator } from './operator-names.js';

const LOGIC = ['and', 'or', 'not'];
const EMPTY: FilterNode = { entries: [] };

/** Reads the filter at `place` and reports every problem. The result is valid only if there was none. */
export function readFilter(json: unknown, place: string, depth: number, reading: FilterReading): FilterNode {
  if (!isJsonObject(json)) {
    reading.report(
      place,
      'type',
      `A filter must be an object such as { "amount": { "gt": 100 } }, not ${describe(json)}.`,
    );
    return EMPTY;
  }
  if (!reading.allowsDepth(depth, place)) return EMPTY;
  const entries: EntryNode[] = [];
  for (const key of Object.keys(json)) {
    reading.countPart();
    if (reading.full) break;
    const entry = readEntry(
      key,
      json[key],
      `${place}.${clip(key, FILTER_LIMITS.textCharacters)}`,
      depth,
      reading,
    );
    if (entry !== undefined) entries.push(entry);
  }
  return { entries };
}

function readEntry(
  key: string,
  value: unknown,
  place: string,
  depth: number,
  reading: FilterReading,
): EntryNode | undefined {
  if (key === 'and' || key === 'or') return readGroup(key, value, place, depth, reading);
  if (key === 'not') return readNot(value, place, depth, reading);
  return readField(key, value, place, depth, reading);
}

function readGroup(
  kind: 'and' | 'or',
  json: unknown,
  place: string,
  depth: number,
  reading: FilterReading,
): GroupNode | undefined {
  if (!Array.isArray(json) || json.length === 0) {
    reading.report(
      place,
      'type',
      `"${kind}" needs a list of one or more filters, such as [{ "a": 1 }, { "b": 2 }], not ${describe(json)}.` +
        ` For a field called "${kind}" write "/${kind}".`,
    );
    return undefined;
  }
  const filters = reading
    .itemsOf(json, place)
    .map((item, index) => readGroupEntry(kind, item, place, index, depth, reading));
  return { kind, place, filters };
}

/**
 * Reads one of the filters that are combined. An empty one is refused, because it would decide the whole group or have
 * no effect.
 */
function readGroupEntry(
  kind: 'and' | 'or',
  json: unknown,
  place: string,
  index: number,
  depth: number,
  reading: FilterReading,
): FilterNode {
  if (!isJsonObject(json)) {
    const message = `"${kind}" needs a list of filters, such as [{ "a": 1 }, { "b": 2 }]; its entry ${index} is ${describe(json)}.`;
    reading.report(place, 'type', message);
    return EMPTY;
  }
  const own = `${place}[${index}]`;
  const filter = readFilter(json, own, depth + 1, reading);
  if (isEmpty(json)) {
    const message = `A filter within "${kind}" must not be empty: an empty object matches everything. Remove it, or add a condition such as { "a": 1 }.`;
    reading.report(own, 'type', message);
  }
  return filter;
}

function readNot(json: unknown, place: string, depth: number, reading: FilterReading): GroupNode | undefined {
  if (!isJsonObject(json) || isEmpty(json)) {
    reading.report(
      place,
      'type',
      `"not" needs a filter that is not empty, such as { "status": "closed" }, not ${describe(json)}.` +
        ' For a field called "not" write "/not".',
    );
    return undefined;
  }
  return { kind: 'not', place, filter: readFilter(json, place, depth + 1, reading) };
}

function readField(
  key: string,
  json: unknown,
  place: string,
  depth: number,
  reading: FilterReading,
): FieldNode | undefined {
  const path = readPath(key, place, reading);
  // A key such as `$or` is not a field, so its value is not a condition.
  if (key.startsWith('$')) return undefined;
  if (
    LOGIC.includes(key.toLowerCase()) &&
    Array.isArray(json) &&
    json.slice(0, FILTER_LIMITS.listItems).some(isJsonObject)
  ) {
    reading.report(
      place,
      'operand',
      `${quote(key)} is read as a field. To combine filters, write "${key.toLowerCase()}".`,
    );
    return undefined;
  }
  const condition = readCondition(json, { text: key, place, depth }, reading, readFilter);
  return path && condition && { kind: 'field', place, path, condition };
}

function readPath(key: string, place: string, reading: FilterReading): FieldPath | undefined {
  if (!reading.allowsText(key, place)) return undefined;
  const path = parseFieldPath(key);
  if ('kind' in path) {
    reportPath(path, key, place, reading);
    return undefined;
  }
  if (path.parts.length > FILTER_LIMITS.pathParts) {
    reading.report(
      place,
      'limit',
      `The field path has ${path.parts.length} parts; the limit is ${FILTER_LIMITS.pathParts}.`,
    );
    return undefined;
  }
  return path;
}

function reportPath(problem: PathProblem, key: string, place: string, reading: FilterReading): void {
  switch (problem.kind) {
    case 'empty':
      reading.report(
        place,
        'path',
        `The field path ${quote(key)} has an empty part: write names with one dot between them, such as "client.address.city".`,
      );
      break;
    case 'proto':
      reading.report(
        place,
        'path',
        `"__proto__" can't be a field name. Remove it from the path ${quote(key)}.`,
      );
      break;
    case 'escape':
      reading.report(
        place,
        'path',
        `The JSON Pointer ${quote(key)} contains a "~" that is not followed by 0 or 1. Write "~0" for "~" and "~1" for "/".`,
      );
      break;
    case 'dollar': {
      const bare = problem.part.slice(1);
      const meant = LOGIC.find((word) => word === bare.toLowerCase()) ?? suggestOperator(bare) ?? bare;
      reading.report(
        place,
        'operator',
        `Operators are written without $: write ${quote(meant)} instead of ${quote(problem.part)}.` +
          ` For a field of that name write the JSON Pointer ${quote(pointerTo(problem.part))}.`,
      );
    }
  }
}

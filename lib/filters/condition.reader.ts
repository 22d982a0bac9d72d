import type { JsonValue } from '../common/json.types.js';
import { childPath } from './field-path.js';
import type { ConditionNode, FilterNode, OperatorNode } from './filter.ast.js';
import { FILTER_LIMITS } from './filter.limits.js';
import type { FilterReading } from './filter.reading.js';
import type { JsonScalar } from './filter.types.js';
import { clip, describe, isJsonObject, quote } from './json-text.js';
import {
  readItems,
  readJson,
  readOrder,
  readRange,
  readScalar,
  readSize,
  readText,
} from './operand.reader.js';
import { IGNORE_CASE, isOperator, OPERATORS, suggestOperator } from './operator-names.js';

/** Reads a filter within a condition. Passed as a parameter, because the two readers call each other. */
export type ReadFilter = (json: unknown, place: string, depth: number, reading: FilterReading) => FilterNode;

/** Where a condition is: its field path as written, its place, its depth. */
export interface ConditionPlace {
  text: string;
  place: string;
  depth: number;
}

const FOLDING: ReadonlySet<string> = new Set([
  'eq',
  'ne',
  'in',
  'nin',
  'contains',
  'startsWith',
  'endsWith',
  'like',
]);

/** Reads a condition: a value, a list of values, or operators. */
export function readCondition(
  json: unknown,
  at: ConditionPlace,
  reading: FilterReading,
  readFilter: ReadFilter,
): ConditionNode | undefined {
  const { place } = at;
  reading.countCondition(place);
  if (Array.isArray(json)) {
    const items = readItems(json, place, reading);
    return items && bare({ name: 'in', items, place, json: [...items] });
  }
  if (isJsonObject(json)) return readOperators(json, at, reading, readFilter);
  const operand = readScalar(json, place, reading);
  return operand === undefined ? undefined : bare({ name: 'eq', operand, place, json: operand });
}

const bare = (operator: OperatorNode): ConditionNode => ({ operators: [operator], ignoreCase: false });

function readOperators(
  json: Record<string, unknown>,
  at: ConditionPlace,
  reading: FilterReading,
  readFilter: ReadFilter,
): ConditionNode | undefined {
  const names = Object.keys(json);
  if (names.length === 0) {
    reading.report(
      at.place,
      'type',
      `The condition on ${quote(at.text)} is empty. Use a value, or an operator such as { "exists": true }.`,
    );
    return undefined;
  }
  const operators: OperatorNode[] = [];
  for (const name of names) {
    reading.countPart();
    if (reading.full) break;
    const place = `${at.place}.${clip(name, FILTER_LIMITS.textCharacters)}`;
    if (name === IGNORE_CASE) checkIgnoreCase(json, place, reading);
    else if (isOperator(name)) {
      const operator = readOperator(name, json[name], { ...at, place }, reading, readFilter);
      if (operator !== undefined) operators.push(operator);
    } else reportUnknown(name, json[name], at.text, place, reading);
  }
  return { operators, ignoreCase: json[IGNORE_CASE] === true };
}

function readOperator(
  name: OperatorNode['name'],
  json: unknown,
  at: ConditionPlace,
  reading: FilterReading,
  readFilter: ReadFilter,
): OperatorNode | undefined {
  const { place } = at;
  // `json` is used only in explanations. If the filter has no problem, it is certainly JSON.
  const common = { place, json: json as JsonValue };
  switch (name) {
    case 'eq':
    case 'ne': {
      const operand = readJson(json, place, at.depth, reading);
      return operand === undefined ? undefined : { name, operand, ...common, json: operand };
    }
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte': {
      const operand = readOrder(json, name, place, reading);
      return operand && { name, operand, ...common };
    }
    case 'between': {
      const range = readRange(json, place, reading);
      return range && { name, ...range, ...common, json: [range.low.json, range.high.json] };
    }
    case 'in':
    case 'nin':
    case 'all': {
      const items = readList(json, name, place, reading);
      return items && { name, items, ...common, json: [...items] };
    }
    case 'contains': {
      const operand = json === '' ? readText(json, name, place, reading) : readScalar(json, place, reading);
      return operand === undefined ? undefined : { name, operand, ...common };
    }
    case 'startsWith':
    case 'endsWith':
    case 'like': {
      const operand = readText(json, name, place, reading);
      return operand === undefined ? undefined : { name, operand, ...common };
    }
    case 'size': {
      const operand = readSize(json, place, reading);
      return operand === undefined ? undefined : { name, operand, ...common };
    }
    case 'exists':
      if (typeof json === 'boolean') return { name, operand: json, ...common };
      reading.report(place, 'operand', `"exists" takes true or false, not ${describe(json)}.`);
      return undefined;
    case 'any':
      if (isJsonObject(json))
        return { name, filter: readFilter(json, place, at.depth + 1, reading), ...common };
      reading.report(
        place,
        'operand',
        `"any" takes a filter for one element, such as { "sku": "A" }, not ${describe(json)}.`,
      );
      return undefined;
    case 'not': {
      if (!isJsonObject(json)) {
        reading.report(
          place,
          'operand',
          `"not" under a field takes operators, such as { "gt": 5 }, not ${describe(json)}. To exclude a value, use "ne" or "nin".`,
        );
        return undefined;
      }
      if (!reading.allowsDepth(at.depth + 1, place)) return undefined;
      const condition = readCondition(json, { ...at, depth: at.depth + 1 }, reading, readFilter);
      return condition && { name, condition, ...common };
    }
  }
}

function readList(
  json: unknown,
  name: string,
  place: string,
  reading: FilterReading,
): JsonScalar[] | undefined {
  if (Array.isArray(json)) return readItems(json, place, reading);
  reading.report(
    place,
    'operand',
    `"${name}" takes a list of values, such as ["a", "b"], not ${describe(json)}.`,
  );
  return undefined;
}

function checkIgnoreCase(json: Record<string, unknown>, place: string, reading: FilterReading): void {
  if (typeof json[IGNORE_CASE] !== 'boolean') {
    reading.report(place, 'operand', `"ignoreCase" takes true or false, not ${describe(json[IGNORE_CASE])}.`);
    return;
  }
  // An unknown operator beside `ignoreCase` is reported by itself. It may be a misspelling of an operator that
  // `ignoreCase` changes.
  const changes = (name: string): boolean => name !== IGNORE_CASE && (FOLDING.has(name) || !isOperator(name));
  if (Object.keys(json).some(changes)) return;
  reading.report(
    place,
    'operand',
    `"ignoreCase" needs another operator beside it: ${[...FOLDING].join(', ')}, as in { "eq": "abc", "ignoreCase": true }.`,
  );
}

function reportUnknown(
  name: string,
  json: unknown,
  path: string,
  place: string,
  reading: FilterReading,
): void {
  const report = (message: string): void => reading.report(place, 'operator', message);
  if (name.startsWith('$')) {
    const meant = suggestOperator(name.slice(1));
    report(
      `Operators are written without $: ${meant ? `write "${meant}" instead of ${quote(name)}` : `remove it from ${quote(name)}`}.`,
    );
    return;
  }
  if (name === 'and' || name === 'or') {
    report(`"${name}" can't be used under a field. Write { "${name}": [{ ${quote(path)}: … }, …] }.`);
    return;
  }
  const meant = suggestOperator(name);
  const inside = `For the field ${quote(name)} within ${quote(path)} write the dotted path: ${quote(childPath(path, name))}.`;
  // With an object as its value, the name is more likely a nested field than a misspelt operator.
  if (isJsonObject(json) && meant === undefined)
    report(`A condition contains operators, not a nested object. ${inside}`);
  else if (meant !== undefined) report(`Unknown operator ${quote(name)}. Did you mean "${meant}"? ${inside}`);
  else report(`Unknown operator ${quote(name)}. Allowed: ${OPERATORS.join(', ')}. ${inside}`);
}

import { isRecord, type JsonValue } from '../common/json.js';
import { DecimalOperand } from './decimal.js';
import { elementOf, memberOf } from './json-form.js';
import type { ValueTest } from './candidates.js';
import { foldCase } from './text.js';

/**
 * A test for values equal to the operand: numbers by value, text by its characters, objects whatever the order of
 * their keys, lists in their order.
 */
export function compileEquality(operand: JsonValue, ignoreCase: boolean): ValueTest {
  if (typeof operand === 'number') return numberEquality(operand);
  if (typeof operand === 'string') return textEquality(operand, ignoreCase);
  if (Array.isArray(operand)) return listEquality(operand.map((item) => compileEquality(item, ignoreCase)));
  if (isRecord(operand)) {
    return objectEquality(
      Object.entries(operand).map(([name, item]) => [name, compileEquality(item as JsonValue, ignoreCase)]),
    );
  }
  return (value) => value === operand;
}

function numberEquality(operand: number): ValueTest {
  const decimal = new DecimalOperand(operand);
  return (value, run) => {
    if (typeof value === 'number') return value === operand;
    run.spendOnDecimal(value);
    return decimal.compare(value) === 0;
  };
}

function textEquality(operand: string, ignoreCase: boolean): ValueTest {
  if (!ignoreCase) return (value) => value === operand;
  const folded = foldCase(operand);
  return (value, run) => typeof value === 'string' && run.fold(value) === folded;
}

function listEquality(items: readonly ValueTest[]): ValueTest {
  return (value, run) =>
    Array.isArray(value) &&
    value.length === items.length &&
    items.every((equals, index) => {
      run.spend(1);
      return equals(elementOf(value, index), run);
    });
}

function objectEquality(members: readonly (readonly [string, ValueTest])[]): ValueTest {
  return (value, run) =>
    isRecord(value) &&
    members.every(([name, equals]) => {
      run.spend(1);
      const member = memberOf(value, name);
      return member !== undefined && equals(member, run);
    }) &&
    run.membersOf(value, countMembers) === members.length;
}

/** Counts keys that JSON carries: a host's `undefined` counts as absent. */
function countMembers(object: object): number {
  let count = 0;
  for (const name of Object.keys(object)) if (memberOf(object, name) !== undefined) count += 1;
  return count;
}

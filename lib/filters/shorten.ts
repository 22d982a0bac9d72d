import { isRecord, type JsonValue } from '../common/json.js';
import { isHugeInteger } from './decimal.js';
import { elementOf, memberOf } from './json-form.js';
import { clip } from './json-text.js';
import type { MatchRun } from './match-run.js';
import { Many } from './reach.js';

const LONGEST_TEXT = 200;
const MOST_MEMBERS = 10;
const DEEPEST = 3;

/**
 * A value that a path reached, as JSON for people, at most some kilobytes: long texts are cut, large lists and objects
 * keep their first ten members, and anything deeper than three levels is `…`. `undefined` if the field is missing.
 */
export function shorten(reached: unknown, run: MatchRun, depth = 0): JsonValue | undefined {
  if (reached instanceof Many) return shortenList(reached.values, run, depth);
  if (typeof reached === 'string') return clip(reached, LONGEST_TEXT);
  if (typeof reached === 'bigint')
    return isHugeInteger(reached) ? '…' : clip(reached.toString(), LONGEST_TEXT);
  if (typeof reached !== 'object' || reached === null) return reached as JsonValue | undefined;
  if (depth === DEEPEST) return '…';
  return Array.isArray(reached) ? shortenList(reached, run, depth) : shortenObject(reached, run, depth);
}

function shortenList(list: readonly unknown[], run: MatchRun, depth: number): JsonValue[] {
  const shown = list
    .slice(0, MOST_MEMBERS)
    .map((_, index) => shorten(elementOf(list, index), run, depth + 1) ?? null);
  if (list.length > MOST_MEMBERS) shown.push(`… ${list.length - MOST_MEMBERS} more`);
  return shown;
}

function shortenObject(object: object, run: MatchRun, depth: number): JsonValue {
  if (!isRecord(object)) return '…';
  const names = Object.keys(object);
  run.spend(names.length);
  const members = names.slice(0, MOST_MEMBERS).flatMap((name) => {
    const member = shorten(memberOf(object, name), run, depth + 1);
    return member === undefined ? [] : [[clip(name, LONGEST_TEXT), member] as const];
  });
  if (names.length > MOST_MEMBERS) members.push(['…', `${names.length - MOST_MEMBERS} more`]);
  return Object.fromEntries(members);
}

import { isRecord, type JsonValue } from '../common/json.js';
import { LONGEST_PLACE, printable } from '../common/printable.js';
import { suggestName } from '../common/suggest-name.js';
import { isDecimalText } from './decimal.js';
import type { Explaining } from './explaining.js';
import type { FieldPath } from './field-path.js';
import { MATCHING_LIMITS } from './filter.limits.js';
import type { Filter } from './filter.js';
import type { OperatorNode } from './filter.ast.js';
import type { ConditionExplanation, GroupExplanation } from './filter.types.js';
import { quote, showOperand } from './json-text.js';
import { reach } from './reach.js';
import { foldCase } from './text.js';

/** The sentence for host data that throws when it is read. */
export const UNREADABLE =
  "The data can't be read: a toJSON or getter throws, or its lists are nested too deeply.";

/** The sentence for conditions that were not checked because the explanation's steps were used up. */
export const NOT_LOOKED_AT =
  'Not evaluated: the filter needs too many steps on this data. Use fewer conditions on long lists and texts.';

const TOO_MANY_STEPS =
  `Undecided: the filter needs more than ${MATCHING_LIMITS.filterSteps} steps on this data, so the event is kept` +
  ' as a dead letter and does not run. Use fewer conditions on long lists and texts.';

/** What a sentence about one operator needs. */
export interface ConditionVerdict {
  operator: OperatorNode;
  ignoreCase: boolean;
  path: FieldPath;
  /** What was reached, as it was matched. */
  reached: unknown;
  /** {@link reached}, shortened for reading. */
  actual: JsonValue | undefined;
  matched: boolean;
  /** True if each operator holds for some element, but no element fulfils all. */
  apart: boolean;
  explaining: Explaining;
}

/** The verdict on one operator as a sentence. */
export function conditionReason(verdict: ConditionVerdict): string {
  const { operator, path, reached, actual, matched, apart } = verdict;
  const name = quote(path.text);
  if (reached === undefined) return `${name} is missing${matched ? ', as required' : similarName(verdict)}.`;
  const is = `${name} is ${showOperand(actual ?? null)}`;
  if (apart) return `${is}: every condition holds for some element, but no single element meets all of them.`;
  const wanted = requirement(operator, verdict.ignoreCase);
  return matched ? `${is}, and must ${wanted}.` : `${is}, but must ${wanted}${hint(verdict)}.`;
}

/** The requirement of an operator, to follow "has to". */
function requirement(operator: OperatorNode, ignoreCase: boolean): string {
  const operand = showOperand(operator.json);
  const folded = ignoreCase ? ' in any case' : '';
  switch (operator.name) {
    case 'eq':
      return `equal ${operand}${folded}`;
    case 'ne':
      return `not equal ${operand}${folded}`;
    case 'gt':
      return `be greater than ${operand}`;
    case 'gte':
      return `be at least ${operand}`;
    case 'lt':
      return `be less than ${operand}`;
    case 'lte':
      return `be at most ${operand}`;
    case 'between':
      return `be from ${operator.low.json} to ${operator.high.json}, both included`;
    case 'in':
      return `be one of ${operand}${folded}`;
    case 'nin':
      return `be none of ${operand}${folded}`;
    case 'contains':
      return `contain ${operand}${folded}`;
    case 'startsWith':
      return `start with ${operand}${folded}`;
    case 'endsWith':
      return `end with ${operand}${folded}`;
    case 'like':
      return `match the pattern ${operand}${folded}`;
    case 'all':
      return `be a list with all of ${operand}`;
    case 'size':
      return `be a list of ${operand}`;
    case 'exists':
      return operator.operand ? 'be present' : 'be missing';
    case 'any':
      return `be a list with an element that matches ${operand}`;
    case 'not':
      return `not meet ${operand}`;
  }
}

/** The reason why a value that looks right doesn't match, in common cases. */
function hint({ operator, ignoreCase, reached }: ConditionVerdict): string {
  if (operator.name === 'eq') {
    const { operand } = operator;
    if (
      typeof operand === 'string' &&
      (typeof reached === 'number' || typeof reached === 'bigint' || typeof reached === 'boolean')
    ) {
      return '; a string never equals a number, true or false: remove the quotes in the filter';
    }
    // Lower case may change the number of characters, but never doubles it.
    if (
      typeof operand === 'string' &&
      typeof reached === 'string' &&
      reached.length <= 2 * operand.length &&
      !ignoreCase &&
      foldCase(operand) === foldCase(reached)
    ) {
      return '; they differ only in upper and lower case: add "ignoreCase": true';
    }
    if (typeof operand === 'number' && typeof reached === 'string') return notANumber(reached);
  }
  const bound = 'operand' in operator ? operator.operand : 'low' in operator ? operator.low : undefined;
  if (!isRecord(bound) || !('kind' in bound)) return '';
  if (bound.kind === 'date' && typeof reached === 'number') return '; a date is never compared with a number';
  if (bound.kind === 'date' && typeof reached === 'string')
    return '; only ISO 8601 text compares with a date';
  return bound.kind === 'number' && typeof reached === 'string' ? notANumber(reached) : '';
}

const notANumber = (text: string): string =>
  isDecimalText(text) ? '' : '; this text is not a plain number such as "10.50"';

/** A field of the data with a similar name to the missing one. */
function similarName({ path, explaining }: ConditionVerdict): string {
  const found = explaining.look((run) => {
    let parent = run.data;
    for (const [depth, { name }] of path.parts.entries()) {
      const inside = reach(run.data, path.parts.slice(0, depth + 1), run);
      if (inside === undefined) return { parent, name };
      parent = inside;
    }
    return undefined;
  });
  if (typeof found !== 'object' || !isRecord(found.parent)) return '';
  const { parent, name } = found;
  const similar = suggestName(
    name,
    explaining.namesOf(parent).filter((other) => other !== name),
  );
  return similar === undefined ? '' : `; the data has ${quote(similar)}`;
}

/** The verdict on an `and`, `or` or `not` as a sentence. */
export function groupReason(
  kind: GroupExplanation['operator'],
  place: string,
  holding: number,
  of: number,
): string {
  const where = printable(place, LONGEST_PLACE);
  if (kind === 'not') {
    return `The filter in ${where} ${holding === 0 ? 'does not match, as required' : 'matches, but must not'}.`;
  }
  return `${holding} of ${of} filters in ${where} match; ${kind === 'and' ? 'all must' : 'at least one must'}.`;
}

/** The verdict on the whole in one sentence. */
export function summaryOf(
  filter: Filter,
  matched: boolean | undefined,
  conditions: readonly ConditionExplanation[],
  groups: readonly GroupExplanation[],
): string {
  if (matched)
    return filter.matchesEverything
      ? 'Matches: an empty filter matches everything.'
      : 'Matches: every condition holds.';
  if (matched === undefined) return TOO_MANY_STEPS;
  if (filter.matchesEverything) return `Does not match. ${UNREADABLE}`;
  const places = new Set(filter.node.entries.map((entry) => entry.place));
  const failed =
    conditions.find((condition) => !condition.matched && isOutside(condition.place, groups)) ??
    groups.find((group) => places.has(group.place) && !group.matched);
  return `Does not match. ${failed?.reason ?? UNREADABLE}`;
}

const isOutside = (place: string, groups: readonly GroupExplanation[]): boolean =>
  !groups.some((group) => place.startsWith(`${group.place}.`) || place.startsWith(`${group.place}[`));

import { compileCondition } from './condition.compiler.js';
import { Explaining, THROWN, UNDECIDED } from './explaining.js';
import { conditionReason, groupReason, NOT_LOOKED_AT, summaryOf, UNREADABLE } from './explanation.text.js';
import { compileFilter } from './filter.compiler.js';
import type { Filter } from './filter.js';
import type { FieldNode, FilterNode, GroupNode, OperatorNode } from './filter.ast.js';
import type { ConditionExplanation, FilterExplanation } from './filter.types.js';

/**
 * Explains to the author of a filter why it matches the data or not. `matched` is the result of `matchFilter`, unless
 * the filter takes more steps on the data than `MATCHING_LIMITS.filterSteps`: then it is `undecided`. Never throws.
 * Slower than matching, because it checks every condition, but with the same limits.
 *
 * @publicApi
 */
export function explainFilter(filter: Filter, data: unknown): FilterExplanation {
  const explaining = new Explaining(data);
  const verdict = explaining.decide(filter);
  const matched = verdict === true;
  const found: Found = { conditions: [], groups: [] };
  explainEntries(filter.node, explaining, found);
  const { conditions, groups } = found;
  return {
    matched,
    ...(verdict === undefined && { undecided: true as const }),
    summary: summaryOf(filter, verdict, conditions, groups),
    conditions,
    groups,
  };
}

type Found = Pick<FilterExplanation, 'conditions' | 'groups'>;

function explainEntries(filter: FilterNode, explaining: Explaining, found: Found): void {
  for (const entry of filter.entries) {
    if (entry.kind === 'field') found.conditions.push(...explainField(entry, explaining));
    else explainGroup(entry, explaining, found);
  }
}

function explainGroup(group: GroupNode, explaining: Explaining, found: Found): void {
  const filters = group.kind === 'not' ? [group.filter] : group.filters;
  const held = explaining.look(
    (run) => filters.filter((filter) => compileFilter(filter)(run.data, run)).length,
  );
  const enough = (holding: number): boolean =>
    ({ and: holding === filters.length, or: holding > 0, not: holding === 0 })[group.kind];
  found.groups.push({
    place: group.place,
    operator: group.kind,
    matched: typeof held === 'number' && enough(held),
    reason:
      typeof held === 'number' ? groupReason(group.kind, group.place, held, filters.length) : reasonFor(held),
  });
  for (const filter of filters) explainEntries(filter, explaining, found);
}

const reasonFor = (held: typeof THROWN | typeof UNDECIDED): string =>
  held === THROWN ? UNREADABLE : NOT_LOOKED_AT;

function explainField(field: FieldNode, explaining: Explaining): ConditionExplanation[] {
  const { path } = field;
  const { operators, ignoreCase } = field.condition;
  const reached = explaining.look((run) => run.reach(run.data, path));
  if (reached === THROWN || reached === UNDECIDED)
    return operators.map((operator) => notExplained(operator, path.text, reasonFor(reached)));
  const holds = (asked: readonly OperatorNode[]): boolean | typeof THROWN | typeof UNDECIDED =>
    explaining.look((run) => compileCondition({ operators: asked, ignoreCase }, compileFilter)(reached, run));
  const alone = operators.map((operator) => holds([operator]));
  // Each operator may hold for some element of a list without any element meeting them all.
  const apart = operators.length > 1 && alone.every((one) => one === true) && holds(operators) !== true;
  const actual = explaining.shown(path, reached);
  if (actual === THROWN || actual === UNDECIDED)
    return operators.map((operator) => notExplained(operator, path.text, reasonFor(actual)));
  return operators.map((operator, index) => {
    const one = alone[index] as boolean | typeof THROWN | typeof UNDECIDED;
    const matched = one === true && !apart;
    return {
      place: operator.place,
      path: path.text,
      operator: operator.name,
      expected: operator.json,
      ...(actual === undefined ? {} : { actual }),
      missing: reached === undefined,
      matched,
      reason:
        typeof one === 'boolean'
          ? conditionReason({ operator, ignoreCase, path, actual, reached, matched, apart, explaining })
          : reasonFor(one),
    };
  });
}

const notExplained = (operator: OperatorNode, path: string, reason: string): ConditionExplanation => ({
  place: operator.place,
  path,
  operator: operator.name,
  expected: operator.json,
  missing: false,
  matched: false,
  reason,
});

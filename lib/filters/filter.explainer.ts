import { compileCondition } from './condition.compiler.js';
import { compileFilter } from './filter.compiler.js';
import type { Filter } from './filter.js';
import type { FieldNode, FilterNode, GroupNode, OperatorNode } from './filter.ast.js';
import type { ConditionExplanation, FilterExplanation, GroupExplanation } from './filter.types.js';
import { conditionReason, groupReason, summaryOf, UNREADABLE } from './explanation.text.js';
import { jsonForm } from './json-form.js';
import { reach } from './reach.js';
import { shorten } from './shorten.js';

/**
 * Why the filter matches the data or does not, for the person who wrote it. Its `matched` is the answer of
 * `matchFilter`. Never throws; slower than matching, since it looks at every condition.
 *
 * @publicApi
 */
export function explainFilter(filter: Filter, data: unknown): FilterExplanation {
  const matched = filter.matches(data);
  const conditions: ConditionExplanation[] = [];
  const groups: GroupExplanation[] = [];
  explainEntries(
    filter.node,
    guarded(() => jsonForm(data, '')),
    { conditions, groups },
  );
  return { matched, summary: summaryOf(filter, matched, conditions, groups), conditions, groups };
}

type Found = Pick<FilterExplanation, 'conditions' | 'groups'>;

/** What host data throws while it is read. */
const THROWN = Symbol('thrown');

function guarded<T>(read: () => T): T | typeof THROWN {
  try {
    return read();
  } catch {
    return THROWN;
  }
}

function explainEntries(filter: FilterNode, data: unknown, found: Found): void {
  for (const entry of filter.entries) {
    if (entry.kind === 'field') found.conditions.push(...explainField(entry, data));
    else explainGroup(entry, data, found);
  }
}

function explainGroup(group: GroupNode, data: unknown, found: Found): void {
  const filters = group.kind === 'not' ? [group.filter] : group.filters;
  const held = guarded(() => filters.map((filter) => data !== THROWN && compileFilter(filter)(data)));
  const holding = held === THROWN ? 0 : held.filter(Boolean).length;
  const readable = held !== THROWN && data !== THROWN;
  const enough = { and: holding === filters.length, or: holding > 0, not: holding === 0 }[group.kind];
  found.groups.push({
    place: group.place,
    operator: group.kind,
    matched: readable && enough,
    reason: readable ? groupReason(group.kind, group.place, holding, filters.length) : UNREADABLE,
  });
  for (const filter of filters) explainEntries(filter, data, found);
}

function explainField(field: FieldNode, data: unknown): ConditionExplanation[] {
  const { operators, ignoreCase } = field.condition;
  const reached = data === THROWN ? THROWN : guarded(() => reach(data, field.path.parts));
  const holds = (asked: readonly OperatorNode[]): boolean =>
    reached !== THROWN &&
    guarded(() => compileCondition({ operators: asked, ignoreCase }, compileFilter)(reached)) === true;
  const alone = operators.map((operator) => holds([operator]));
  // Each operator may hold for some element of a list without any element meeting them all.
  const apart = alone.every(Boolean) && !holds(operators);
  const actual = reached === THROWN ? undefined : guarded(() => shorten(reached));
  return operators.map((operator, index) => {
    const matched = alone[index] === true && !apart;
    return {
      place: operator.place,
      path: field.path.text,
      operator: operator.name,
      expected: operator.json,
      ...(actual === undefined || actual === THROWN ? {} : { actual }),
      missing: reached === undefined,
      matched,
      reason:
        reached === THROWN || actual === THROWN
          ? UNREADABLE
          : conditionReason({
              operator,
              ignoreCase,
              path: field.path,
              actual,
              reached,
              matched,
              apart,
              data,
            }),
    };
  });
}

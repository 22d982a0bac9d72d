/** A tree of facts: what is expected of a run, or what was found after it. */
export type Facts = { readonly [name: string]: Facts | string | number | boolean };

/**
 * The differences, one line each, with their places in the tree. Unexpected facts and missing facts are differences, too.
 */
export function differences(expected: Facts, found: Facts, place: readonly string[] = []): string[] {
  const names = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...names].flatMap((name) => compare(expected[name], found[name], [...place, name]));
}

function compare(
  expected: Facts[string] | undefined,
  found: Facts[string] | undefined,
  place: string[],
): string[] {
  if (isTree(expected) || isTree(found)) {
    const leaf = [expected, found].find((side) => side !== undefined && !isTree(side));
    if (leaf === undefined) return differences((expected ?? {}) as Facts, (found ?? {}) as Facts, place);
  }
  if (expected === found) return [];
  return [`${place.join(' › ')}: expected ${textOf(expected)}, found ${textOf(found)}`];
}

const isTree = (fact: Facts[string] | undefined): fact is Facts => typeof fact === 'object';

const textOf = (fact: Facts[string] | undefined): string =>
  fact === undefined ? 'nothing' : JSON.stringify(fact);

/** The number of single facts in a tree. */
export const countFacts = (facts: Facts): number =>
  Object.values(facts).reduce<number>((sum, fact) => sum + (isTree(fact) ? countFacts(fact) : 1), 0);

/**
 * What may be written in a part of a filter:
 *
 * - `filter`: fields, `and`, `or` and `not`
 * - `element`: the same for one element of a list, whose fields are unknown
 * - `condition`: operators
 */
export type FilterContext = 'filter' | 'element' | 'condition';

const LOGIC = new Set(['and', 'or', 'not']);

/** The context below these names, outermost first; `undefined` within the value of an operator that takes no filter. */
export function contextOf(around: readonly string[]): FilterContext | undefined {
  let context: FilterContext | undefined = 'filter';
  for (const name of around) context = context && inside(context, name);
  return context;
}

function inside(context: FilterContext, name: string): FilterContext | undefined {
  if (context !== 'condition') return LOGIC.has(name) ? context : 'condition';
  if (name === 'any') return 'element';
  return name === 'not' ? 'condition' : undefined;
}

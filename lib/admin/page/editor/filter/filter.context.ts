/**
 * What may be written in a part of a filter: `filter` fields and and/or/not, `element` the same for one element of a list,
 * whose fields are not known, `condition` operators.
 */
export type FilterContext = 'filter' | 'element' | 'condition';

const LOGIC = new Set(['and', 'or', 'not']);

/** The context that the names around a place lead to; `undefined` within a value that is compared as a whole. */
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

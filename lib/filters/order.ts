import type { OrderOperand } from './filter.ast.js';
import { compareInstant } from './instant.js';

/** Negative, zero or positive as the value is below, at or above the bound; NaN when the two do not compare. */
export function compareWith(bound: OrderOperand): (value: unknown) => number {
  if (bound.kind === 'number') return (value) => bound.decimal.compare(value);
  return (value) => compareInstant(value, bound.instant);
}

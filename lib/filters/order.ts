import type { OrderOperand } from './filter.ast.js';
import { compareInstant } from './instant.js';

/**
 * Compares values with the bound: negative, zero or positive if the value is below, at or above it; NaN if they can't
 * be compared.
 */
export function compareWith(bound: OrderOperand): (value: unknown) => number {
  if (bound.kind === 'number') return (value) => bound.decimal.compare(value);
  return (value) => compareInstant(value, bound.instant);
}

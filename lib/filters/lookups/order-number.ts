import { EXACT_AS_DOUBLE, isDecimalText, isHugeInteger } from '../decimal.js';
import { readInstant } from '../instant.js';
import type { MatchRun } from '../match-run.js';

/**
 * The value's position among numbers, or `undefined` if it is not a number. Rounding keeps the order: it can make two
 * different values equal, but never swaps them.
 */
export function placeAmongNumbers(value: unknown, run: MatchRun): number | undefined {
  run.spendOnDecimal(value);
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return isDecimalText(value) ? Number(value) : undefined;
  if (typeof value !== 'bigint') return undefined;
  if (isHugeInteger(value)) return value > 0n ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  return Number(value);
}

/** Whether a number's position is exact, not rounded. */
export const isExactAsDouble = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && value.length <= EXACT_AS_DOUBLE);

/**
 * The value's position among dates: milliseconds since the epoch, without fractions. `undefined` if it is not a date.
 */
export function placeAmongDates(value: unknown, run: MatchRun): number | undefined {
  run.spendOnInstant(value);
  if (typeof value !== 'string') return undefined;
  const reading = readInstant(value);
  return reading.kind === 'instant' ? reading.instant.ms : undefined;
}

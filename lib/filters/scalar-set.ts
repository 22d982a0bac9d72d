import { decimalKey, isDecimalText, isHugeInteger } from './decimal.js';
import type { MatchRun } from './match-run.js';
import { foldCase } from './text.js';
import type { JsonScalar } from './filter.types.js';

/**
 * A set of scalars, compared with data by type: numbers by value, text by its characters, `true`, `false` and null as
 * themselves. A look-up costs the same for one item and for five hundred.
 */
export class ScalarSet {
  /** How many different scalars are in the set. */
  readonly size: number;
  private readonly positions = new Map<JsonScalar, number>();
  /** Numbers under {@link decimalKey}, for data that a double cannot hold. */
  private readonly exact = new Map<string, number>();

  constructor(
    items: readonly JsonScalar[],
    private readonly ignoreCase: boolean,
  ) {
    for (const item of items) {
      const value = ignoreCase && typeof item === 'string' ? foldCase(item) : item;
      if (!this.positions.has(value)) this.positions.set(value, this.positions.size);
      if (typeof value === 'number') this.exact.set(decimalKey(value), this.positions.get(value) as number);
    }
    this.size = this.positions.size;
  }

  /** True if the value, in its JSON form, equals a scalar of the set. */
  has(value: unknown, run: MatchRun): boolean {
    return this.positionOf(value, run) !== undefined || this.positionAsNumber(value, run) !== undefined;
  }

  /** Adds the positions of the scalars that the value equals. Text such as `5` may equal a text and a number. */
  mark(value: unknown, found: Set<number>, run: MatchRun): void {
    const own = this.positionOf(value, run);
    if (own !== undefined) found.add(own);
    const number = this.positionAsNumber(value, run);
    if (number !== undefined) found.add(number);
  }

  private positionOf(value: unknown, run: MatchRun): number | undefined {
    if (typeof value === 'object' && value !== null) return undefined;
    if (this.ignoreCase && typeof value === 'string') return this.positions.get(run.fold(value));
    return this.positions.get(value as JsonScalar);
  }

  private positionAsNumber(value: unknown, run: MatchRun): number | undefined {
    if (this.exact.size === 0) return undefined;
    run.spendOnDecimal(value);
    if (
      typeof value === 'bigint' ? !isHugeInteger(value) : typeof value === 'string' && isDecimalText(value)
    ) {
      return this.exact.get(decimalKey(value as string | bigint));
    }
    return undefined;
  }
}

import { DECIMAL_CHARACTERS } from './filter.limits.js';

/** An exact decimal number: sign · 0.digits · 10^exponent. Zero has sign 0 and no digits. */
export interface Decimal {
  sign: -1 | 0 | 1;
  /** Significant digits without leading or trailing zeros. */
  digits: string;
  exponent: number;
}

const PLAIN = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/**
 * A decimal of up to this many digits is compared as a double. Different decimals of up to 15 digits are different
 * doubles in the same order, so the result is the same (IEEE 754, DBL_DIG).
 */
export const EXACT_AS_DOUBLE = 15;

/** True for text that counts as a number: `-12`, `0.50`; not `1e4`, `+1`, ` 1`, `1,000` or the empty text. */
export function isDecimalText(text: string): boolean {
  const length = text.length;
  if (length === 0 || length > DECIMAL_CHARACTERS) return false;
  const first = text.charCodeAt(0);
  // Most text in events is not a number: the first character shows that without a regular expression.
  if (first !== 45 && (first < 48 || first > 57)) return false;
  return PLAIN.test(text);
}

/** A number to compare data with, prepared once. */
export class DecimalOperand {
  /** The operand as a double when comparing doubles is exact. */
  private readonly double: number | undefined;
  private known: Decimal | undefined;

  /** @param value a finite number, or text that {@link isDecimalText} accepts */
  constructor(private readonly value: number | string) {
    const exact = typeof value === 'number' || value.length <= EXACT_AS_DOUBLE;
    this.double = exact ? Number(value) : undefined;
  }

  /** Made when it is first needed, because most data is compared as doubles. */
  private get decimal(): Decimal {
    const { value } = this;
    return (this.known ??= typeof value === 'number' ? decimalOfNumber(value) : decimalOfText(value));
  }

  /** Negative, zero or positive if `value` is below, equal to or above the operand; NaN if it is not a number. */
  compare(value: unknown): number {
    if (typeof value === 'number') {
      if (this.double !== undefined) return order(value, this.double);
      return compareDecimals(decimalOfNumber(value), this.decimal);
    }
    if (typeof value === 'string') {
      if (!isDecimalText(value)) return Number.NaN;
      if (this.double !== undefined && value.length <= EXACT_AS_DOUBLE)
        return order(Number(value), this.double);
      return compareDecimals(decimalOfText(value), this.decimal);
    }
    if (typeof value === 'bigint') {
      if (isHugeInteger(value)) return value > 0n ? 1 : -1;
      return compareDecimals(decimalOfText(value.toString()), this.decimal);
    }
    return Number.NaN;
  }
}

// Twice the exponent of the largest double; no operand comes near.
const HUGE = 1n << 2_048n;

/** True for an integer further from zero than any operand. Writing out its digits could take minutes. */
export const isHugeInteger = (value: bigint): boolean => value >= HUGE || value <= -HUGE;

/** The same text for every way of writing the same number: 10, "10.00" and 10n. */
export function decimalKey(value: number | string | bigint): string {
  const decimal = typeof value === 'number' ? decimalOfNumber(value) : decimalOfText(value.toString());
  return `${decimal.sign}:${decimal.digits}:${decimal.exponent}`;
}

const order = (left: number, right: number): number => (left < right ? -1 : left > right ? 1 : 0);

/** Digit by digit, so that the cost is that of the text's length and never of the number's size. */
function compareDecimals(left: Decimal, right: Decimal): number {
  if (left.sign !== right.sign) return left.sign - right.sign;
  if (left.exponent !== right.exponent) return left.exponent < right.exponent ? -left.sign : left.sign;
  if (left.digits === right.digits) return 0;
  return left.digits < right.digits ? -left.sign : left.sign;
}

/** A number stands for the shortest decimal that names it, the one JSON shows: 0.1 is one tenth. */
function decimalOfNumber(value: number): Decimal {
  const [mantissa = '0', exponent = '0'] = String(value).split('e');
  const decimal = decimalOfText(mantissa);
  return decimal.sign === 0 ? decimal : { ...decimal, exponent: decimal.exponent + Number(exponent) };
}

/** @param text plain decimal text of any length */
function decimalOfText(text: string): Decimal {
  const negative = text.startsWith('-');
  const unsigned = negative ? text.slice(1) : text;
  const point = unsigned.indexOf('.');
  const whole = point === -1 ? unsigned : unsigned.slice(0, point);
  const all = point === -1 ? whole : whole + unsigned.slice(point + 1);
  let start = 0;
  while (start < all.length && all[start] === '0') start += 1;
  let end = all.length;
  while (end > start && all[end - 1] === '0') end -= 1;
  if (start === end) return { sign: 0, digits: '', exponent: 0 };
  return { sign: negative ? -1 : 1, digits: all.slice(start, end), exponent: whole.length - start };
}

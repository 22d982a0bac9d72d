/** Digits after the point that a number to be added may have: sums are exact, and stay short. */
export const MOST_DECIMALS = 15;
const MOST = BigInt(Number.MAX_SAFE_INTEGER);

const NUMBER = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?$/;

/** A decimal number: `digits` divided by ten to the power of `scale`. */
interface Decimal {
  digits: bigint;
  scale: number;
}

/** A JSON number as it can be added to; undefined for other text, and for a number with more decimals or over 2^53 - 1. */
function read(text: string): Decimal | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const digits = BigInt(`${sign}${whole}${fraction}`);
  const scale = fraction.length - Number(exponent);
  // A few digits of exponent are not enough to make this large.
  const number = scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale };
  return bounded(number);
}

/** Without zeros at the end of the decimals. */
function bounded({ digits, scale }: Decimal): Decimal | undefined {
  let [rest, decimals] = [digits, scale];
  while (decimals > 0 && rest % 10n === 0n) [rest, decimals] = [rest / 10n, decimals - 1];
  const size = rest < 0n ? -rest : rest;
  const isTooLarge = size > MOST * 10n ** BigInt(decimals);
  return decimals > MOST_DECIMALS || isTooLarge ? undefined : { digits: rest, scale: decimals };
}

function toText({ digits, scale }: Decimal): string {
  if (scale === 0) return String(digits);
  const sign = digits < 0n ? '-' : '';
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  return `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

/**
 * The sum of two numbers in JSON, exact in decimals, so that it doesn't depend on the order in which many are added. Undefined if
 * one of them, or the sum, is no number from -(2^53 - 1) to 2^53 - 1 with up to {@link MOST_DECIMALS} decimals.
 */
export function decimalSum(left: string, right: string): string | undefined {
  const [one, other] = [read(left), read(right)];
  if (!one || !other) return undefined;
  const scale = Math.max(one.scale, other.scale);
  const digits =
    one.digits * 10n ** BigInt(scale - one.scale) + other.digits * 10n ** BigInt(scale - other.scale);
  const sum = bounded({ digits, scale });
  return sum && toText(sum);
}

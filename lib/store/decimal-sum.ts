/** The most decimals of a number that `increment` adds. The limit keeps exact sums short. */
export const MOST_DECIMALS = 15;
const MOST = BigInt(Number.MAX_SAFE_INTEGER);

const NUMBER = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?$/;

/** A decimal number: `digits` divided by ten to the power of `scale`. */
interface Decimal {
  digits: bigint;
  scale: number;
}

/** Reads a JSON number. Undefined for other text, for a number with more decimals, and for one beyond 2^53 - 1. */
function read(text: string): Decimal | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const digits = BigInt(`${sign}${whole}${fraction}`);
  const scale = fraction.length - Number(exponent);
  // The pattern allows only a few digits of exponent, so this power stays small.
  const number = scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale };
  return bounded(number);
}

/** The number without trailing zeros. */
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
 * The exact decimal sum of two JSON numbers, so that the order of additions doesn't matter. Undefined if one of the
 * numbers or the sum is not between -(2^53 - 1) and 2^53 - 1 or has more than {@link MOST_DECIMALS} decimals.
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

import ms from 'ms';

/**
 * A length of time: milliseconds as a number, or text such as `500ms`, `30s`, `1m`, `1h`, `7d`. For text that
 * TypeScript can't check, write `as Duration`; the start checks it by the same rules.
 *
 * @publicApi
 */
export type Duration = number | `${number}${'' | ' '}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/** The longest time `setTimeout` can wait: 2^31 - 1 milliseconds (Node.js timers documentation). */
export const LONGEST_TIMER_MS = 2_147_483_647;

const TEXT = /^\d+(\.\d+)?\s?(ms|s|m|h|d)$/;

/** Milliseconds of a {@link Duration}, or `undefined` when it is not one (negative, NaN, an unknown unit). */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Number(text);
  return TEXT.test(text) ? ms(text as ms.StringValue) : undefined;
}

/** Milliseconds as a person writes them in an option, without rounding: `250ms`, `30s`, `310s`, `1h`. */
export function exactDuration(milliseconds: number): string {
  const short = ms(milliseconds);
  if (parseDuration(short) === milliseconds) return short;
  return milliseconds % 1_000 === 0 ? `${milliseconds / 1_000}s` : `${milliseconds}ms`;
}

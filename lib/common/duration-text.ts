/** From the largest to the smallest. */
const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/**
 * A length of time for people: `0.4 ms`, `38 ms`, `1.2 s`, `2 min 5 s`, `3 d 4 h`. The spaces don't break. It is rounded
 * to what people compare; a value that people write in an option is an `exactDuration`.
 *
 * @param milliseconds 0 or more
 */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 999.5)
    return of(milliseconds < 1 ? rounded(milliseconds) : Math.round(milliseconds), 'ms');
  const tenths = rounded(milliseconds / 1_000);
  if (tenths < 60) return of(tenths, 's');
  const seconds = Math.round(milliseconds / 1_000);
  const at = UNITS.findIndex(([, size]) => seconds >= size);
  const [unit = 's', size = 1] = UNITS[at] ?? [];
  const [smaller = 's', smallerSize = 1] = UNITS[at + 1] ?? [];
  const rest = Math.floor((seconds % size) / smallerSize);
  return of(Math.floor(seconds / size), unit) + (rest > 0 ? `\u00a0${of(rest, smaller)}` : '');
}

const of = (number: number, unit: string): string => `${number}\u00a0${unit}`;

const rounded = (number: number): number => Number(number.toFixed(1));

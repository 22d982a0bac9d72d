/* oxlint-disable unicorn/consistent-function-scoping -- the text of this function is compiled in the isolate */
/**
 * Makes {@link formatDuration}. A script's isolate compiles the text of this function for its own messages, so it uses
 * nothing but its parameters and arithmetic.
 */
export function durationText(rounding: Pick<Math, 'floor' | 'round'>) {
  'use strict';
  const { floor, round } = rounding;
  const nameOf = (size: number): string =>
    size === 86_400 ? 'd' : size === 3_600 ? 'h' : size === 60 ? 'min' : 's';
  const smallerThan = (size: number): number => (size === 86_400 ? 3_600 : size === 3_600 ? 60 : 1);
  const of = (number: number, unit: string): string => `${number}\u00a0${unit}`;
  const toTenths = (number: number): number => round(number * 10) / 10;

  return (milliseconds: number): string => {
    if (milliseconds < 999.5)
      return of(milliseconds < 1 ? toTenths(milliseconds) : round(milliseconds), 'ms');
    const tenths = toTenths(milliseconds / 1_000);
    if (tenths < 60) return of(tenths, 's');
    const seconds = round(milliseconds / 1_000);
    const size = seconds >= 86_400 ? 86_400 : seconds >= 3_600 ? 3_600 : 60;
    const smaller = smallerThan(size);
    const rest = floor((seconds % size) / smaller);
    return of(floor(seconds / size), nameOf(size)) + (rest > 0 ? `\u00a0${of(rest, nameOf(smaller))}` : '');
  };
}

/**
 * A length of time for people: `0.4 ms`, `38 ms`, `1.2 s`, `2 min 5 s`, `3 d 4 h`. The spaces don't break. It is rounded
 * to what people compare; a value that people write in an option is an `exactDuration`.
 *
 * @param milliseconds 0 or more
 */
export const formatDuration: (milliseconds: number) => string = durationText(Math);

import { randomInt } from 'node:crypto';

// Random, so that nobody outside can choose texts with the same hash. The factor is odd.
const START = randomInt(2 ** 31);
const FACTOR = randomInt(2 ** 30) * 2 + 1;
const SQUARE = Math.imul(FACTOR, FACTOR);
const CUBE = Math.imul(SQUARE, FACTOR);

/** The hash of a one-unit text. */
export const hashOfUnit = (unit: number): number => Math.imul(unit ^ START, FACTOR);

/** The hash of a text with one more unit. The empty text has 0. */
export const hashWith = (hash: number, unit: number): number =>
  (Math.imul(hash, FACTOR) + hashOfUnit(unit)) | 0;

/** The hash of three units, from their hashes. */
export const hashOfThree = (first: number, second: number, third: number): number =>
  (Math.imul(first, SQUARE) + Math.imul(second, FACTOR) + third) | 0;

/** The hash of six units, from the hashes of the first and last three. */
export const hashOfSix = (first: number, last: number): number => (Math.imul(first, CUBE) + last) | 0;

/** The hash of a whole text. */
export function hashOfText(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) hash = hashWith(hash, text.charCodeAt(at));
  return hash;
}

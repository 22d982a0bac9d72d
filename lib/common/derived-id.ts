import { createHash } from 'node:crypto';
import { v7 as uuid } from 'uuid';

/**
 * A UUID version 7 that is the same for the same time and parts: what is written twice under it is there once.
 *
 * @param time milliseconds since the epoch, for the order of ids; before it counts as it
 * @param parts what the id stands for, any text without U+0000
 */
export function derivedId(time: number, ...parts: string[]): string {
  const random = createHash('sha256').update(parts.join('\0')).digest();
  return uuid({ msecs: Math.max(0, time), random });
}

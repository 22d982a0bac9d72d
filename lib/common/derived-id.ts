import { createHash } from 'node:crypto';
import { v7 as uuid } from 'uuid';

/**
 * A UUID version 7 that is always the same for the same time and parts, so that writing something twice stores it once.
 *
 * @param time milliseconds since the epoch, for the order of ids; a negative time counts as 0
 * @param parts what the id stands for: any text without U+0000
 */
export function derivedId(time: number, ...parts: string[]): string {
  const random = createHash('sha256').update(parts.join('\0')).digest();
  return uuid({ msecs: Math.max(0, time), random });
}

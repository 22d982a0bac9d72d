import type { JsonValue } from '../common/json.js';
import { MOST_TEXT_BYTES } from './node-channel.js';

/** Bytes of a message in addition to its items. */
const ENVELOPE_BYTES = 200;

/**
 * Splits items, in order, into as few lists as possible, each of which fits in a message. Leaves out an item that is
 * too large for a message.
 */
export function packed<Item extends JsonValue>(items: readonly Item[]): Item[][] {
  const lists: Item[][] = [];
  const room = MOST_TEXT_BYTES - ENVELOPE_BYTES;
  let left = 0;
  for (const item of items) {
    const bytes = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (bytes > room) continue;
    if (bytes > left) {
      lists.push([]);
      left = room;
    }
    lists.at(-1)?.push(item);
    left -= bytes;
  }
  return lists;
}

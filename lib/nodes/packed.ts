import type { JsonValue } from '../common/json.js';
import { MOST_TEXT_BYTES } from './node-channel.js';

/** Bytes of a message besides its items. */
const ENVELOPE_BYTES = 200;

/** Items in as few lists as fit a message each; one that fits none by itself is left out. */
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

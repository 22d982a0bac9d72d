import type { Filter } from '../filter.js';
import { type Covers, coversOf } from './covers.js';

/** More than the filters of a list that is divided. */
const MOST_RECENT = 32;

const recent = new Map<Filter, Covers>();

/**
 * The covers of a filter, kept for the filters that were asked for last: when a list is divided, each of its filters is asked
 * for again, and so it is at each of its places, of which an `or` has dozens.
 */
export function recentCoversOf(filter: Filter): Covers {
  const known = recent.get(filter);
  if (known) return known;
  const [oldest] = recent.keys();
  if (oldest && recent.size >= MOST_RECENT) recent.delete(oldest);
  const covers = coversOf(filter.node);
  recent.set(filter, covers);
  return covers;
}

import type { Filter } from '../filter.js';
import { type Covers, coversOf } from './covers.js';

/** More than a list has filters when it is divided. */
const MOST_RECENT = 32;

const recent = new Map<Filter, Covers>();

/**
 * The covers of a filter, kept for the most recent filters. Dividing a list needs the covers of each of its filters
 * again, and so does each place of a filter; an `or` has dozens.
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

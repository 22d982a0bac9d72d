import type { Cover, Interval, Lead } from './lead.js';

/**
 * The lower the rank, the fewer filters a lead usually finds. Between equal ranks, the content of the index decides.
 */
function rankOf(lead: Lead): number {
  switch (lead.kind) {
    case 'value':
      return 0;
    case 'start':
    case 'end':
      return (lead.key as string).length < 3 ? 3 : 1;
    case 'part':
      return (lead.key as string).length < 6 ? 3 : 2;
    case 'number':
    case 'date':
      return isHalfOpen(lead.key as Interval) ? 4 : 2;
  }
}

/** The rank of its worst lead. */
export function rankOfCover(cover: Cover): number {
  let worst = -1;
  for (const lead of cover) worst = Math.max(worst, rankOf(lead));
  return worst;
}

/** Negative if the first is better. */
const compareCovers = (left: Cover, right: Cover): number =>
  rankOfCover(left) - rankOfCover(right) || left.length - right.length;

/** The best cover, whatever the index holds; undefined if there is none. */
export function bestCover(covers: readonly Cover[]): Cover | undefined {
  let best: Cover | undefined;
  for (const cover of covers) if (!best || compareCovers(cover, best) < 0) best = cover;
  return best;
}

const isHalfOpen = ({ low, high }: Interval): boolean => low === -Infinity || high === Infinity;

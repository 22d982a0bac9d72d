import {
  type Filter,
  FilterError,
  FilterIndex,
  matchFilter,
  parseFilter,
} from 'nestjs-scripts-event/filters';
import { RandomFilters, seeded } from './random-filters.js';

/** The most filters in an index: enough for several levels. */
const SEVERAL_LEVELS = 300;

/** What a comparison has found. */
export interface Comparison {
  /** Answers that were compared: one for each filter and piece of data. */
  compared: number;
  /** Filters that matched. */
  matched: number;
  /** Filters that the index asked. */
  tested: number;
}

/**
 * Adds, replaces and removes random filters, and compares the matches of the index on random data with those of a loop,
 * until `comparisons` answers have been compared.
 *
 * @param mostFilters the most filters in an index; up to 16 are not looked up
 * @throws when index and loop differ, with what is needed to reproduce it
 */
export function compareWithLoop(seed: number, comparisons: number, mostFilters = SEVERAL_LEVELS): Comparison {
  const make = new RandomFilters(seeded(seed));
  const result: Comparison = { compared: 0, matched: 0, tested: 0 };
  let index = new FilterIndex<number>();
  let loop = new Map<number, Filter>();
  let next = 0;
  while (result.compared < comparisons) {
    if (loop.size === 0 || make.below(200) === 0) [index, loop] = [new FilterIndex<number>(), new Map()];
    for (let change = make.below(40); change >= 0; change -= 1) {
      const ids = [...loop.keys()];
      if (ids.length > 0 && (ids.length >= mostFilters || make.below(3) === 0)) {
        const id = make.pick(ids);
        index.remove(id);
        loop.delete(id);
      } else {
        const id = ids.length > 0 && make.below(6) === 0 ? make.pick(ids) : (next += 1);
        const filter = readable(make);
        index.add(id, filter);
        loop.set(id, filter);
      }
    }
    for (let round = 0; round < 4; round += 1) {
      const data = make.data();
      const inquiry = index.ask(() => data);
      inquiry.advance();
      const wanted = [...loop].filter(([, filter]) => matchFilter(filter, data)).map(([id]) => id);
      const says = [inquiry.matched.join(), index.match(data).join()];
      if (inquiry.undecided.length > 0 || says.some((ids) => ids !== wanted.join())) {
        const differs = [...loop.keys()].find((id) => inquiry.matched.includes(id) !== wanted.includes(id));
        const filter = JSON.stringify(differs === undefined ? null : loop.get(differs));
        throw new Error(`Seed ${seed}: filter ${filter} on ${JSON.stringify(data)}`);
      }
      result.compared += loop.size;
      result.matched += wanted.length;
      result.tested += inquiry.tested;
    }
  }
  return result;
}

function readable(make: RandomFilters): Filter {
  for (;;) {
    try {
      return parseFilter(make.filter());
    } catch (error) {
      // Some random filters are invalid, such as an empty range.
      if (!(error instanceof FilterError)) throw error;
    }
  }
}

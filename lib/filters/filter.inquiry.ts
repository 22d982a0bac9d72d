import type { Filter } from './filter.js';
import { MATCHING_LIMITS } from './filter.limits.js';
import { jsonForm } from './json-form.js';
import { MatchRun } from './match-run.js';

/** What asking a filter takes besides its conditions, and what comes of a match: a microsecond. */
const ASKING_STEPS = 10;

/** How many steps filters may take. Default {@link MATCHING_LIMITS}. */
export interface MatchingSteps {
  filterSteps: number;
  eventSteps: number;
}

/**
 * Filters asked about one piece of data, a part at a time, so that a caller who must not be held up can do something
 * else in between. What is asked is fixed when it begins: later changes of the index do not touch it.
 *
 * @typeParam Id what names a filter
 * @publicApi
 */
export class FilterInquiry<Id> {
  private readonly found: Id[] = [];
  private open: (readonly [Id, Filter])[] = [];
  private asked: readonly (readonly [Id, Filter])[];
  /** Those that were undecided are asked once more: what others have read since then they need not read. */
  private again = false;
  /** Null for data that cannot be read; undefined until it is looked at. */
  private run: MatchRun | null | undefined;
  private next = 0;
  private stepsLeft: number;
  private taken = 0;

  /** @internal */
  constructor(
    private readonly filters: readonly (readonly [Id, Filter])[],
    private readonly read: () => unknown,
    private readonly steps: MatchingSteps = MATCHING_LIMITS,
  ) {
    this.asked = filters;
    this.stepsLeft = steps.eventSteps;
  }

  /** How many filters are asked. */
  get size(): number {
    return this.filters.length;
  }

  /** Steps taken so far. */
  get stepsTaken(): number {
    return this.taken;
  }

  /** Ids of the filters that match, in the order in which they were added; those that were asked twice come last. */
  get matched(): readonly Id[] {
    return this.found;
  }

  /** Ids of the filters that took more steps than they may: neither a match nor a miss. */
  get undecided(): readonly Id[] {
    return this.open.map(([id]) => id);
  }

  /**
   * Asks filter after filter until so many steps are taken. True when all have been asked; otherwise call it again. Never
   * throws, whatever the data.
   *
   * A filter that does not come to its end within `steps` is asked again the next time, when it is the first one. The
   * first one may take all that a filter may, unless `strictly` so many steps are allowed.
   */
  advance(steps = Number.MAX_SAFE_INTEGER, strictly = false): boolean {
    const run = this.run === undefined ? runOn(this.read) : this.run;
    this.run = run;
    if (run === null) return true;
    let left = steps;
    let first = !strictly;
    while (this.hasNext() && (first || left > ASKING_STEPS)) {
      const entry = this.asked[this.next] as readonly [Id, Filter];
      const [id, filter] = entry;
      const all = Math.max(0, Math.min(this.steps.filterSteps, this.stepsLeft));
      const allowed = first ? all : Math.min(all, left - ASKING_STEPS);
      first = false;
      run.left = allowed;
      const verdict = filter.matchesEverything || (allowed > 0 ? filter.decide(run) : undefined);
      const taken = ASKING_STEPS + allowed - Math.max(0, run.left);
      this.taken += taken;
      left -= taken;
      if (verdict === undefined && allowed < all) break;
      this.stepsLeft -= taken;
      if (verdict === undefined) this.open.push(entry);
      else if (verdict) this.found.push(id);
      this.next += 1;
    }
    return !this.hasNext();
  }

  private hasNext(): boolean {
    if (this.next === this.asked.length && !this.again && this.open.length > 0) {
      this.asked = this.open;
      this.open = [];
      this.next = 0;
      this.again = true;
    }
    return this.next < this.asked.length;
  }

  /** Asks nothing more: what has not been asked is undecided. */
  giveUp(): void {
    if (this.run === null) return;
    if (this.next < this.asked.length) this.open.push(...this.asked.slice(this.next));
    this.next = this.asked.length;
    this.again = true;
  }
}

function runOn(read: () => unknown): MatchRun | null {
  try {
    return new MatchRun(jsonForm(read(), ''));
  } catch {
    return null;
  }
}

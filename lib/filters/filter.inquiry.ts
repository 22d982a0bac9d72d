import type { Filter } from './filter.js';
import { MATCHING_LIMITS } from './filter.limits.js';
import { jsonForm } from './json-form.js';
import { MatchRun } from './match-run.js';
import { StepsUsedUp } from './steps.js';

/** Steps that checking a filter takes in addition to its conditions: a microsecond. */
const ASKING_STEPS = 10;
/**
 * Most steps for looking up which filters to check. If the look-up needs more, as with long lists, all filters are
 * checked.
 */
const LOOKUP_STEPS = MATCHING_LIMITS.filterSteps / 2;

/**
 * How many steps filters may take. A step is about as much as looking at one element of a list: 20 to 100 nanoseconds.
 *
 * @publicApi
 */
export interface MatchingSteps {
  /**
   * Steps of one filter, 1 or more; default `MATCHING_LIMITS.filterSteps`, 200,000. One that needs more is undecided.
   */
  filterSteps: number;
  /**
   * Steps of all filters together, 1 or more; default `MATCHING_LIMITS.eventSteps`, 4,000,000. The rest is undecided.
   */
  eventSteps: number;
}

/** A filter that an inquiry may check. */
export interface Askable<Id> {
  readonly id: Id;
  readonly filter: Filter;
  /** Its position in the result. */
  readonly order: number;
}

/** The result of the look-ups. Filters that are in neither list don't match. */
export interface Reached<Id> {
  /** Filters that match. The caller may change the list. */
  readonly proved: Askable<Id>[];
  /** Filters that may match and have to be checked. */
  readonly asked: readonly Askable<Id>[];
}

/** The filters of an inquiry, fixed when it begins. */
export interface FilterSource<Id> {
  readonly size: number;
  /** False if every filter matches any data. */
  readonly looksAtData: boolean;
  /** All filters, in any order. */
  all(): Askable<Id>[];
  /**
   * Finds the filters that match the data, or may match it.
   *
   * @throws StepsUsedUp when that takes more steps than the run has left
   */
  reachedBy(run: MatchRun): Reached<Id>;
}

/**
 * Checks the filters of an index against one piece of data, in parts, so that the caller can do something else in
 * between. It uses the filters that the index has when it starts; later changes have no effect on it.
 *
 * @typeParam Id what names a filter
 * @publicApi
 */
export class FilterInquiry<Id> {
  /** How many filters the inquiry has. */
  readonly size: number;
  private found: Askable<Id>[] = [];
  private open: Askable<Id>[] = [];
  /** Filters that have to be checked; undefined before they have been looked up. */
  private asked: readonly Askable<Id>[] | undefined;
  private askedCount = 0;
  /**
   * True while undecided filters are checked a second time. They then need fewer steps, because the values that other
   * filters have read since then are kept.
   */
  private again = false;
  /** Null if the data can't be read; undefined before it is read. */
  private run: MatchRun | null | undefined;
  private next = 0;
  private stepsLeft: number;
  private taken = 0;

  /** @internal */
  constructor(
    private readonly sources: readonly FilterSource<Id>[],
    private readonly read: () => unknown,
    private readonly steps: MatchingSteps = MATCHING_LIMITS,
  ) {
    this.size = sources.reduce((sum, { size }) => sum + size, 0);
    this.stepsLeft = steps.eventSteps;
  }

  /**
   * False if every filter matches any data, so that `read` makes no difference.
   *
   * @internal
   */
  get looksAtData(): boolean {
    return this.sources.some((source) => source.looksAtData);
  }

  /** Steps taken so far. */
  get stepsTaken(): number {
    return this.taken;
  }

  /** How many filters have been checked so far. For the others, the look-ups gave the result. */
  get tested(): number {
    return this.askedCount;
  }

  /** Ids of the filters that match, in the order in which they were added. */
  get matched(): readonly Id[] {
    return inOrder(this.found);
  }

  /** Ids of the filters that need too many steps: neither a match nor a miss. */
  get undecided(): readonly Id[] {
    return inOrder(this.open);
  }

  /**
   * Checks filter after filter until `steps` are taken. True when all are checked; otherwise call it again. Never
   * throws, whatever the data: if the data can't be read at all, no filter matches.
   *
   * A filter that is not decided within `steps` is checked again in the next call, as the first one. The first one may
   * take as many steps as any filter may, unless `strictly` is set.
   *
   * @param steps most steps of this call, 1 or more; default as many as it takes
   * @param strictly whether even the first filter of the call stops after `steps`; default false
   */
  advance(steps = Number.MAX_SAFE_INTEGER, strictly = false): boolean {
    const run = this.run === undefined ? runOn(this.read) : this.run;
    this.run = run;
    if (run === null) return true;
    const lookedUp = this.lookUp(run, strictly ? steps : Number.MAX_SAFE_INTEGER);
    if (this.asked === undefined) return false;
    let left = steps - lookedUp;
    let first = !strictly && lookedUp === 0;
    while (this.hasNext() && (first || left > ASKING_STEPS)) {
      const askable = this.asked[this.next] as Askable<Id>;
      const { filter } = askable;
      const preparing = filter.stepsToPrepare;
      if (preparing > 0) {
        if (strictly && left - preparing <= ASKING_STEPS) break;
        filter.prepare();
        this.taken += preparing;
        left -= preparing;
        if (!first && left <= ASKING_STEPS) break;
      }
      const all = Math.max(0, Math.min(this.steps.filterSteps, this.stepsLeft));
      const allowed = first ? all : Math.min(all, left - ASKING_STEPS);
      first = false;
      run.left = allowed;
      const verdict = allowed > 0 || filter.matchesEverything ? filter.decide(run) : undefined;
      const taken = ASKING_STEPS + allowed - Math.max(0, run.left);
      this.taken += taken;
      left -= taken;
      if (verdict === undefined && allowed < all) break;
      this.stepsLeft -= taken;
      this.askedCount += 1;
      if (verdict === undefined) this.open.push(askable);
      else if (verdict) this.found.push(askable);
      this.next += 1;
    }
    return !this.hasNext();
  }

  /** Stops: filters that are not checked yet are undecided. A later {@link advance} does nothing and returns true. */
  giveUp(): void {
    if (this.run === null) return;
    this.asked ??= this.all();
    if (this.next < this.asked.length) this.open.push(...this.asked.slice(this.next));
    this.next = this.asked.length;
    this.again = true;
  }

  /** Looks up which filters to check, once. Returns the steps taken. */
  private lookUp(run: MatchRun, steps: number): number {
    if (this.asked !== undefined) return 0;
    const most = Math.min(LOOKUP_STEPS, this.steps.filterSteps);
    const allowed = Math.min(most, steps);
    run.left = allowed;
    try {
      const { proved, asked } = this.reachedBy(run);
      this.found = proved;
      this.asked = asked;
      this.taken += proved.length;
      this.stepsLeft -= allowed - run.left;
    } catch (error) {
      if (!(error instanceof StepsUsedUp)) throw error;
      // These steps are not counted for the filters: each is evaluated as if there had been no look-up.
      if (allowed === most) this.asked = this.all();
    }
    const taken = allowed - Math.max(0, run.left);
    this.taken += taken;
    return taken;
  }

  private reachedBy(run: MatchRun): Reached<Id> {
    const [first, ...others] = this.sources.map((source) => source.reachedBy(run));
    if (first && others.length === 0) return first;
    const all = [first, ...others].filter((each) => each !== undefined);
    return {
      proved: all.flatMap(({ proved }) => proved),
      asked: all.flatMap(({ asked }) => asked),
    };
  }

  private all(): Askable<Id>[] {
    return this.sources.flatMap((source) => source.all()).toSorted(byOrder);
  }

  private hasNext(): boolean {
    const asked = this.asked as Askable<Id>[];
    if (this.next === asked.length && !this.again && this.open.length > 0) {
      this.asked = this.open;
      this.open = [];
      this.next = 0;
      this.again = true;
      return true;
    }
    return this.next < asked.length;
  }
}

const byOrder = (left: { order: number }, right: { order: number }): number => left.order - right.order;

/** Up to this many are sorted by insertion, which is faster. */
const FEW = 32;

/** The ids in the order of the result. */
export function inOrder<Id>(found: readonly Askable<Id>[]): Id[] {
  const [first] = found;
  if (found.length <= 1) return first ? [first.id] : [];
  if (found.length > FEW) return found.toSorted(byOrder).map(({ id }) => id);
  const ids: Id[] = [];
  const orders: number[] = [];
  for (const { id, order } of found) {
    let at = ids.length;
    for (; at > 0 && (orders[at - 1] as number) > order; at -= 1) {
      ids[at] = ids[at - 1] as Id;
      orders[at] = orders[at - 1] as number;
    }
    ids[at] = id;
    orders[at] = order;
  }
  return ids;
}

/** Reads the data; null if it can't be read. */
export function runOn(read: () => unknown): MatchRun | null {
  try {
    return new MatchRun(jsonForm(read(), ''));
  } catch {
    return null;
  }
}

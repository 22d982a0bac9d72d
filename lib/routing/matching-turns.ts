import { inOwnContext } from '../common/own-context.js';
import type { EventMatch, EventMatching } from './event-matching.js';

/**
 * Steps of one slice: some 5 ms. The first filter of a slice may take all it needs, up to
 * `MATCHING_LIMITS.filterSteps`; then nothing else is evaluated in that slice.
 *
 * @internal for tests
 */
export const SLICE_STEPS = 50_000;
/** Longest pause after a slice, in milliseconds. On a busy machine, a slice can take long although it did little. */
const LONGEST_PAUSE_MS = 50;
/** Steps that an event takes in addition to its filters, for making and queueing its queued events. */
const EVENT_STEPS = 500;

/**
 * How many payload characters may wait, in one lane and in all. The filters of events over this limit are not
 * evaluated.
 */
const WAITING_CHARACTERS = { lane: 16_777_216, all: 67_108_864 };
/** What a waiting event takes in memory in addition to its payload, in characters. */
const EVENT_CHARACTERS = 1_024;

/** An event whose filters are evaluated in turns. */
export interface MatchingTurn {
  readonly matching: EventMatching;
  /** Called with the scripts that match. Must not throw. */
  readonly ended: (match: EventMatch) => void;
  /** Called instead of {@link ended} if evaluation failed. Must not throw. */
  readonly failed: (error: unknown) => void;
  /** Called instead of {@link ended} if the application stops before the event's turn. Must not throw. */
  readonly stopped: () => void;
}

interface Lane {
  turns: MatchingTurn[];
  characters: number;
}

/**
 * Evaluates filters in slices, so that no event blocks the event loop for long, whatever its payload and its scripts'
 * filters. Lanes take turns; each lane is processed in order. After a slice, the event loop is free for as long as the
 * slice took: an answer of the database or of a sandbox takes many turns of the loop, and would have to wait for a
 * slice in each of them.
 */
export class MatchingTurns {
  /** In rotation: the first one is next. Lanes without turns are not in it. */
  private readonly lanes = new Map<string, Lane>();
  private characters = 0;
  private scheduled = false;
  private readonly idle = new Set<() => void>();

  /** Whether events of the lane wait, so that the next one has to wait behind them. */
  isBusy(lane: string): boolean {
    return this.lanes.size > 0 && this.lanes.has(lane);
  }

  /** Puts an event at the end of its lane; false if too much is waiting already. */
  add(name: string, turn: MatchingTurn): boolean {
    const lane = this.lanes.get(name) ?? { turns: [], characters: 0 };
    const size = sizeOf(turn);
    if (lane.characters + size > WAITING_CHARACTERS.lane && lane.turns.length > 0) return false;
    if (this.characters + size > WAITING_CHARACTERS.all) return false;
    lane.turns.push(turn);
    this.count(lane, size);
    this.lanes.set(name, lane);
    this.schedule();
    return true;
  }

  /** Waits until no event waits; false when `timeoutMs` passed first. */
  async settled(timeoutMs: number): Promise<boolean> {
    if (this.lanes.size === 0) return true;
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.idle.delete(done);
        resolve(this.lanes.size === 0);
      };
      const timer = setTimeout(done, timeoutMs);
      this.idle.add(done);
    });
  }

  /** Ends all waiting turns. */
  stop(): void {
    const turns = [...this.lanes.values()].flatMap((lane) => lane.turns);
    this.lanes.clear();
    this.characters = 0;
    for (const turn of turns) turn.stopped();
    for (const done of this.idle) done();
  }

  /** @param pauseMs how long the event loop stays free first */
  private schedule(pauseMs = 0): void {
    if (this.scheduled || this.lanes.size === 0) return;
    this.scheduled = true;
    const next = (): void => {
      this.scheduled = false;
      const began = performance.now();
      this.slice();
      this.schedule(Math.min(LONGEST_PAUSE_MS, performance.now() - began));
    };
    // In an empty context, because the events of one slice come from many requests.
    inOwnContext(() => void (pauseMs < 1 ? setImmediate(next) : setTimeout(next, pauseMs)));
  }

  private slice(): void {
    let left = SLICE_STEPS;
    for (const [name, lane] of this.lanes) {
      left -= this.advance(name, lane, left);
      if (left <= 0) break;
    }
    if (this.lanes.size === 0) for (const done of this.idle) done();
  }

  /** Returns the steps taken. */
  private advance(name: string, lane: Lane, steps: number): number {
    const [turn] = lane.turns as [MatchingTurn];
    const { matching } = turn;
    const before = matching.steps;
    const strictly = steps < SLICE_STEPS;
    const end = endOf(turn, steps, strictly);
    // The event's next filter needs more than this slice has left: the event stays first and gets a slice of its own.
    if (!end && strictly) return Number.POSITIVE_INFINITY;
    this.lanes.delete(name);
    if (end) {
      lane.turns.shift();
      this.count(lane, -sizeOf(turn));
    }
    if (lane.turns.length > 0) this.lanes.set(name, lane);
    // Last, because the callback may add a turn.
    end?.();
    return EVENT_STEPS + matching.steps - before;
  }

  private count(lane: Lane, characters: number): void {
    lane.characters += characters;
    this.characters += characters;
  }
}

/** Continues with the filters. Returns what to call if that was the end. */
function endOf(turn: MatchingTurn, steps: number, strictly: boolean): (() => void) | undefined {
  try {
    if (!turn.matching.advance(steps, strictly)) return undefined;
    const match = turn.matching.end();
    return () => turn.ended(match);
  } catch (error) {
    return () => turn.failed(error);
  }
}

const sizeOf = ({ matching }: MatchingTurn): number => EVENT_CHARACTERS + matching.event.payload.length;

import type { QueuedRun, RunQueue } from './run-queue.js';
import type { SandboxProcess } from './sandbox-process.js';

/** How many waiting runs are searched for one whose home is in an idle process. */
const LOOKED_THROUGH = 32;
/** How often a run may be passed over. */
const MOST_OVERTAKEN = 32;
/**
 * How long a run may be passed over, in average runs and in milliseconds. If there is room, making a home takes about
 * as long. On a busy machine, both a home and a run take longer.
 */
const HOLD = { runs: 20, leastMs: 10, mostMs: 100 };
const HOLD_WITH_ROOM = { runs: 5, leastMs: 2, mostMs: 25 };
/**
 * When a run counts as long, in the same units: one more run may compute beside it, and the run ahead behind it goes to
 * an idle process. Shorter runs end before that helps, and each extra process has to make its own homes and load them
 * into the processor's caches.
 */
const LONG = { runs: 20, leastMs: 5, mostMs: 50 };
/**
 * Weight of one run in the average, and the longest duration that counts: long runs don't show how fast the machine is.
 */
const WEIGHT = 1 / 32;
const MOST_COUNTED_MS = 20;
/** Share of its budget up to which an idle process has room. */
const HALF_FULL = 0.5;

export interface Placed {
  entry: QueuedRun;
  process: SandboxProcess;
}

/**
 * Assigns runs to idle processes. The run whose turn it is goes first, unless the home of a later one is in an idle
 * process, because making a home costs as much as some ten runs. No run is passed over more than 32 times, nor for
 * longer than 10 ms (100 on a very busy machine). A tenant that has something in a process never overtakes one that has
 * nothing.
 *
 * A run whose home is only in busy processes waits for one of them: 10 ms if every idle process is half full, 2 ms if
 * one has room. So the runs of an event find the one home of their tenant, and a script with much to do is soon warm in
 * all processes.
 */
export class Placement {
  /** Milliseconds after which to look again, if a run waits although a process is idle. */
  lookAgainMs: number | undefined;
  /** Since when runs have waited for busy processes while another one was idle. */
  private strandedSince: number | undefined;
  private averageMs = 0;

  constructor(
    private readonly queue: RunQueue,
    private readonly processes: Iterable<SandboxProcess>,
    private readonly homeOf: (entry: QueuedRun) => string,
  ) {}

  /** @param restingOnly only runs of tenants that have nothing in a process */
  next(restingOnly: boolean): Placed | undefined {
    this.lookAgainMs = undefined;
    const idle = this.idle();
    const entries = idle.length === 0 ? [] : this.queue.first(LOOKED_THROUGH, restingOnly);
    if (entries.length === 0) {
      this.strandedSince = undefined;
      return undefined;
    }
    const holdMs = this.holdMs(idle);
    const placed = this.warmOrDue(entries, idle, holdMs) ?? this.cold(entries, idle);
    if (placed) {
      this.strandedSince = undefined;
      passOver(entries, placed.entry);
    } else {
      this.strandedSince ??= performance.now();
      this.lookAgainMs = holdMs;
    }
    return placed;
  }

  /** The maximum number of runs compute. */
  full(): void {
    this.lookAgainMs = undefined;
    this.strandedSince = undefined;
  }

  /**
   * The run to send ahead into a busy process: the first of its current home, whose memory is in the processor's caches,
   * else the first that it takes. Passes over others as {@link next} does, but not over a run that was sent ahead before
   * and came back.
   */
  ahead(
    takes: (entry: QueuedRun) => boolean,
    isAtHome: (entry: QueuedRun) => boolean,
  ): QueuedRun | undefined {
    const entries = this.queue.first(LOOKED_THROUGH, false);
    const holdMs = this.holdMs([]);
    let first: QueuedRun | undefined;
    for (const entry of entries) {
      if (!entry.mayGoAhead) break;
      const isTaken = takes(entry);
      if (isTaken && isAtHome(entry)) {
        passOver(entries, entry);
        return entry;
      }
      if (isTaken) first ??= entry;
      if (isDue(entry, holdMs)) break;
    }
    if (first) passOver(entries, first);
    return first;
  }

  /** Milliseconds after which a run counts as long. */
  get longMs(): number {
    return this.within(LONG);
  }

  /** Counts a run that has ended. */
  ran(durationMs: number): void {
    this.averageMs += (Math.min(durationMs, MOST_COUNTED_MS) - this.averageMs) * WEIGHT;
  }

  private holdMs(idle: readonly SandboxProcess[]): number {
    const hasRoom = idle.some((process) => process.fullness < HALF_FULL);
    return this.within(hasRoom ? HOLD_WITH_ROOM : HOLD);
  }

  private within({ runs, leastMs, mostMs }: typeof HOLD): number {
    return Math.min(mostMs, Math.max(leastMs, runs * this.averageMs));
  }

  private warmOrDue(
    entries: readonly QueuedRun[],
    idle: readonly SandboxProcess[],
    holdMs: number,
  ): Placed | undefined {
    const isStranded = isOver(this.strandedSince, holdMs);
    for (const entry of entries) {
      const home = this.homeOf(entry);
      const process = idle.find((one) => one.isWarmFor(home));
      if (process) return { entry, process };
      if (isStranded || isDue(entry, holdMs)) return { entry, process: forNewHome(idle) };
    }
    return undefined;
  }

  private cold(entries: readonly QueuedRun[], idle: readonly SandboxProcess[]): Placed | undefined {
    for (const entry of entries) {
      if (!this.isWarmInBusy(this.homeOf(entry))) return { entry, process: forNewHome(idle) };
      entry.passedOverAt ??= performance.now();
    }
    return undefined;
  }

  private isWarmInBusy(home: string): boolean {
    for (const process of this.processes)
      if (process.state === 'busy' && process.isWarmFor(home)) return true;
    return false;
  }

  /**
   * Idle processes, the most recently used one first, because its memory is in the processor's caches and the others
   * can then be stopped.
   */
  private idle(): SandboxProcess[] {
    const idle: SandboxProcess[] = [];
    for (const process of this.processes) if (process.state === 'idle') idle.push(process);
    return idle.length < 2 ? idle : idle.toSorted((a, b) => b.idleSince - a.idleSince);
  }
}

/** The first process that has room. A full one would drop another home, and that home's tenant would need it again. */
const forNewHome = (idle: readonly SandboxProcess[]): SandboxProcess =>
  idle.find((process) => process.fullness < 1) ?? idle[0]!;

const isDue = ({ overtaken, passedOverAt }: QueuedRun, holdMs: number): boolean =>
  overtaken >= MOST_OVERTAKEN || isOver(passedOverAt, holdMs);

const isOver = (since: number | undefined, ms: number): boolean =>
  since !== undefined && performance.now() - since >= ms;

/** Counts the runs before the one that was taken as passed over. */
function passOver(entries: readonly QueuedRun[], taken: QueuedRun): void {
  for (const entry of entries) {
    if (entry === taken) return;
    entry.overtaken += 1;
    entry.passedOverAt ??= performance.now();
  }
}

import type { Admitted, QueuedRun, RunQueue } from './run-queue.js';
import type { SandboxProcess } from './sandbox-process.js';

/** How many waiting runs are searched for one whose home is in an idle process. */
const LOOKED_THROUGH = 32;
/** How often a run may be passed over. */
const MOST_OVERTAKEN = 32;
/**
 * How long a run may be passed over: as long as `runs` average runs, but at least `leastMs` and at most `mostMs`. A
 * process makes a home in some 5 ms, and needs another 50 ms of processor time to optimise the home's code. On a busy
 * machine, both a home and a run take longer.
 *
 * If the process that was busy last has less than half as much in its homes as one in which runs wait, the homes should
 * soon be spread over both. Otherwise a second home costs more than it gives: with 2 ms while a process has room, 100
 * tenants that took turns had 165 to 190 homes, and did an eighth to a third fewer runs than with 10 ms, when they had
 * 115.
 */
const HOLD = { runs: 20, leastMs: 10, mostMs: 100 };
const HOLD_TO_SPREAD = { runs: 5, leastMs: 2, mostMs: 25 };
/**
 * Time after which a run counts as long, in the same units. Then one more run may compute beside it, and the runs that
 * are ahead behind it go to idle processes. Shorter runs end before that helps, and each extra process has to make its
 * own homes and load them into the processor's caches.
 */
const LONG = { runs: 20, leastMs: 5, mostMs: 50 };
/**
 * How many runs may be ahead in a process: as many as take `ms` together on average, at least one and at most `most`. A
 * process with short runs then still has work if the parent is late, and both sides read and write several messages at a
 * time. Measured with runs of 0.05 ms on two cores: three instead of one gave a fifth more runs a second. Eight instead of
 * three took 10 % less processor time for each run if 20 were waiting or running, and 3 % less if 10 were.
 */
const AHEAD = { ms: 1, most: 8 };
/** Weight of one run in the average duration. */
const WEIGHT = 1 / 32;
/** Longer runs count as this long, because they don't show how fast the machine is. */
const MOST_COUNTED_MS = 20;
/** If more than this share of the runs had to make a home, homes are hardly ever used again. */
const MOSTLY_COLD = 0.9;
/** An idle process has room while it uses less than this share of its memory for homes. */
const HALF_FULL = 0.5;

export interface Placed {
  entry: QueuedRun;
  process: SandboxProcess;
}

/**
 * Assigns runs to idle processes. The run whose turn it is goes first. A later run goes before it if the later run's
 * home is in an idle process, because making a home costs as much as some ten runs. No run is passed over more than 32
 * times, nor for longer than 10 ms (100 ms on a very busy machine). A tenant that has something in a process never
 * overtakes one that has nothing.
 *
 * A run whose home is only in busy processes waits for one of them: 10 ms, but 2 ms if the idle process has less than
 * half as much in its homes; longer if runs are slow. So the runs of one event share a home of their tenant, and a
 * script with many runs soon has a home in every process.
 */
export class Placement {
  /** Milliseconds after which to look again, if a run waits although a process is idle. */
  lookAgainMs: number | undefined;
  /** Since when runs have waited for busy processes while another one was idle. */
  private strandedSince: number | undefined;
  private averageMs = 0;
  private coldShare = 0;

  constructor(
    private readonly queue: RunQueue,
    private readonly processes: Iterable<SandboxProcess>,
    private readonly homeOf: (entry: QueuedRun) => string,
  ) {}

  next(admitted: Admitted): Placed | undefined {
    this.lookAgainMs = undefined;
    const idle = this.idle();
    const entries = idle.length === 0 ? [] : this.queue.first(LOOKED_THROUGH, admitted);
    if (entries.length === 0) {
      this.strandedSince = undefined;
      return undefined;
    }
    const holdMs = this.holdMs(idle);
    const placed = this.warmOrDue(entries, idle, holdMs) ?? this.cold(entries, idle);
    if (placed) {
      this.strandedSince = undefined;
      passOver(entries, placed.entry);
      this.count(!placed.process.isWarmFor(this.homeOf(placed.entry)));
    } else {
      this.strandedSince ??= performance.now();
      this.lookAgainMs = holdMs;
    }
    return placed;
  }

  /** Call it when no further run may compute: it makes no sense to look again before a run ends. */
  full(): void {
    this.lookAgainMs = undefined;
    this.strandedSince = undefined;
  }

  /**
   * The run to send ahead into a busy process: the first one for its current home, whose memory is in the processor's
   * caches, or else the first one that the process takes. Passes over others as {@link next} does, but never over a run
   * that was sent ahead before and taken back.
   */
  ahead(
    takes: (entry: QueuedRun) => boolean,
    isAtHome: (entry: QueuedRun) => boolean,
    admitted: Admitted,
  ): QueuedRun | undefined {
    const entries = this.queue.first(LOOKED_THROUGH, admitted);
    const holdMs = this.holdMs([]);
    let first: QueuedRun | undefined;
    for (const entry of entries) {
      if (!entry.mayGoAhead) break;
      const isTaken = takes(entry);
      if (isTaken) first ??= entry;
      if (isTaken && isAtHome(entry)) {
        first = entry;
        break;
      }
      if (isDue(entry, holdMs)) break;
    }
    if (first) {
      passOver(entries, first);
      this.count(false);
    }
    return first;
  }

  /** How many runs may be ahead in a process: one as long as no run has ended. */
  get mostAhead(): number {
    const { averageMs } = this;
    return averageMs === 0 ? 1 : Math.max(1, Math.min(AHEAD.most, Math.floor(AHEAD.ms / averageMs)));
  }

  /** False if nearly all runs had to make a home: each home is then dropped before its tenant's next run. */
  get areHomesUsedAgain(): boolean {
    return this.coldShare < MOSTLY_COLD;
  }

  /** Milliseconds after which a run counts as long. */
  get longMs(): number {
    return this.within(LONG);
  }

  /** Counts a run that has ended. */
  ran(durationMs: number): void {
    this.averageMs += (Math.min(durationMs, MOST_COUNTED_MS) - this.averageMs) * WEIGHT;
  }

  private count(isCold: boolean): void {
    this.coldShare += (Number(isCold) - this.coldShare) * WEIGHT;
  }

  private holdMs(idle: readonly SandboxProcess[]): number {
    const [latest] = idle;
    return this.within(latest && latest.fullness < this.mostFull / 2 ? HOLD_TO_SPREAD : HOLD);
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

  /** The fullness of the busy process that has the most in its homes. */
  private get mostFull(): number {
    let most = 0;
    for (const { state, fullness } of this.processes)
      if (state === 'busy' && fullness > most) most = fullness;
    return most;
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

/** The first process that has room, or else the one with the most. A full process drops a home for a new one. */
const forNewHome = (idle: readonly SandboxProcess[]): SandboxProcess =>
  idle.find((process) => process.fullness < HALF_FULL) ??
  idle.reduce((roomiest, process) => (process.fullness < roomiest.fullness ? process : roomiest));

const isDue = ({ overtaken, passedOverAt }: QueuedRun, holdMs: number): boolean =>
  overtaken >= MOST_OVERTAKEN || isOver(passedOverAt, holdMs);

const isOver = (since: number | undefined, ms: number): boolean =>
  since !== undefined && performance.now() - since >= ms;

/** Counts every run before `taken` as passed over. */
function passOver(entries: readonly QueuedRun[], taken: QueuedRun): void {
  for (const entry of entries) {
    if (entry === taken) return;
    entry.overtaken += 1;
    entry.passedOverAt ??= performance.now();
  }
}

import { FairTimer } from '../../common/fair-timer.js';

/** Time after `timeoutMs` until a waiting run is told to end. A computing run is stopped by its isolate. */
const WAIT_GRACE_MS = 5;
/** Time after `timeoutMs` for a process to end its run by itself. */
const DEADLINE_GRACE_MS = 1_000;
/** Time for a cancelled run to end by itself. */
const CANCEL_GRACE_MS = 100;
/** A process that was stopped for this long was stopped from outside, because no script can stop its own process. */
const STOPPED_MS = 100;
/** A process that ends this soon after it was stopped may have ended because of that. */
const SOON_MS = 1_000;
/** If this process stood still for this long, it was frozen together with its sandbox processes, or has blocked itself. */
const FROZEN_MS = 1_000;

/**
 * The time of one run, as far as this process knows it. Time in which this process or the run's process stood still
 * doesn't count for the script.
 */
export class RunClock {
  private startedAt = performance.now();
  private deadline: FairTimer | undefined;
  private wait: FairTimer | undefined;
  private grace: FairTimer | undefined;
  /** Milliseconds for which something outside stopped the process. */
  private stoppedMs = 0;
  private stoppedAt = -Infinity;

  constructor(private readonly timeoutMs: number) {}

  /** The run begins. `onOverdue` is called if it hasn't ended a second after its time limit. */
  begin(onOverdue: () => void): void {
    this.startedAt = performance.now();
    this.deadline = new FairTimer(this.timeoutMs + DEADLINE_GRACE_MS, onOverdue);
  }

  /**
   * The process begins, or has begun, a run that was taken back. `onOverdue` is called if it doesn't end the run soon.
   * The time is long, because nobody waits for this run, and a new process takes longer to start than most runs.
   */
  beginTakenBack(onOverdue: () => void): void {
    this.startedAt = performance.now();
    this.grace = new FairTimer(DEADLINE_GRACE_MS, onOverdue);
  }

  /** The run is cancelled. `onOverdue` is called if it doesn't end soon. */
  cancelled(onOverdue: () => void): void {
    this.grace = new FairTimer(CANCEL_GRACE_MS, onOverdue);
  }

  /** Whether the run was told to end. */
  get isEnding(): boolean {
    return this.grace !== undefined;
  }

  /** Milliseconds since the run began. */
  get passedMs(): number {
    return performance.now() - this.startedAt;
  }

  /** The run waits for bindings. `onTimeout` is called when its time is over. Only the first call counts. */
  waits(onTimeout: () => void): void {
    const left = this.timeoutMs - this.passedMs + this.stillMs;
    this.wait ??= new FairTimer(Math.max(1, left + WAIT_GRACE_MS), onTimeout);
  }

  /** The process was stopped for some milliseconds. */
  noteStopped(ms: number): void {
    this.stoppedMs += ms;
    this.stoppedAt = performance.now();
  }

  /** Whether something outside stopped the process during the run. */
  get wasStopped(): boolean {
    return this.stoppedMs >= STOPPED_MS;
  }

  /** Whether something outside has just stopped the process. */
  get wasJustStopped(): boolean {
    return this.wasStopped && performance.now() - this.stoppedAt < SOON_MS;
  }

  /** Whether this process has stood still for long during the run. It may have been frozen together with the other. */
  get wasPerhapsFrozen(): boolean {
    return (this.deadline?.stoodStillMs ?? 0) >= FROZEN_MS;
  }

  /** Milliseconds that don't count for the script. */
  get stillMs(): number {
    return (this.deadline?.stoodStillMs ?? 0) + this.stoppedMs;
  }

  /**
   * Whether the run's time passed while a process stood still. The process's own clock doesn't show that.
   *
   * @param cpuMs the processor time that the run has used
   */
  hadNoChance(cpuMs: number): boolean {
    const { timeoutMs, passedMs } = this;
    return passedMs >= timeoutMs && passedMs - this.stillMs < timeoutMs && cpuMs < timeoutMs;
  }

  /** Stops all timers. */
  stop(): void {
    this.deadline?.cancel();
    this.wait?.cancel();
    this.grace?.cancel();
  }
}

import { printable } from '../common/printable.js';
import type { Outcome, StopSignal } from '../sandbox/index.js';

/** How many characters of a name a message shows. */
const LONGEST_NAME = 200;

/** The runs that a caller's signal ends. */
interface Ended {
  readonly runs: Set<Cancellation>;
  readonly tell: () => void;
}

/**
 * The runs by signal. A buffer has one signal for all its runs, and a listener on an `AbortSignal` for each run would
 * take several times as long as an entry here.
 */
const endedBy = new WeakMap<AbortSignal, Ended>();

function endWith(signal: AbortSignal, run: Cancellation): void {
  let ended = endedBy.get(signal);
  if (!ended) {
    const runs = new Set<Cancellation>();
    const tell = (): void => {
      for (const one of runs) one.abort();
    };
    endedBy.set(signal, (ended = { runs, tell }));
  }
  if (ended.runs.size === 0) signal.addEventListener('abort', ended.tell, { once: true });
  ended.runs.add(run);
}

function forget(signal: AbortSignal, run: Cancellation): void {
  const ended = endedBy.get(signal);
  if (ended?.runs.delete(run) && ended.runs.size === 0) signal.removeEventListener('abort', ended.tell);
}

/**
 * Ends one run from outside: by the caller's signal, which aborts when this process stops, or because a person asks for
 * it. Release it when the run has ended.
 */
export class Cancellation implements StopSignal {
  private readonly listeners = new Set<() => void>();
  private person: string | undefined;
  /** Whether the run must end. A platform `AbortSignal` for each run would take longer than everything else here. */
  aborted = false;

  constructor(private readonly asked: AbortSignal | undefined) {
    if (asked?.aborted) this.aborted = true;
    else if (asked) endWith(asked, this);
  }

  /** Ends the run. */
  abort(): void {
    this.aborted = true;
    const told = [...this.listeners];
    this.listeners.clear();
    for (const listener of told) listener();
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.delete(listener);
  }

  /** Ends the run because a person says so. */
  end(by: string): void {
    if (this.aborted) return;
    this.person = by;
    this.abort();
  }

  /** Ends the run because it can't continue, without naming a person. */
  stop(): void {
    if (!this.aborted) this.abort();
  }

  release(): void {
    if (this.asked) forget(this.asked, this);
  }

  /**
   * The outcome to record. A run that a person ended names that person, and its event is not retried, because a retry
   * would repeat what was just stopped.
   */
  told(outcome: Outcome): Outcome {
    if (this.person === undefined || outcome.status !== 'failed' || outcome.error.kind !== 'cancelled')
      return outcome;
    const message = `Cancelled by ${printable(this.person, LONGEST_NAME)}`;
    return { ...outcome, error: { ...outcome.error, message, retryable: false } };
  }
}

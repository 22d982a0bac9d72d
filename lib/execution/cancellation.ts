import { printable } from '../common/printable.js';
import type { Outcome, StopSignal } from '../sandbox/index.js';

/** How many characters of a name a message shows. */
const LONGEST_NAME = 200;

/**
 * Ends one run from outside: by the caller's signal, which aborts when this process stops, or because a person asks for
 * it. Release it when the run has ended.
 */
export class Cancellation implements StopSignal {
  private readonly listeners = new Set<() => void>();
  private readonly abort = (): void => {
    this.aborted = true;
    const told = [...this.listeners];
    this.listeners.clear();
    for (const listener of told) listener();
  };
  private person: string | undefined;
  /** For either of the two. A signal of the platform's own for each run would take longer than all else that is done here. */
  aborted = false;

  constructor(private readonly asked: AbortSignal | undefined) {
    if (asked?.aborted) this.aborted = true;
    else asked?.addEventListener('abort', this.abort, { once: true });
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

  release(): void {
    this.asked?.removeEventListener('abort', this.abort);
  }

  /**
   * The outcome to record. A run that a person ended names that person, and its event waits for a person too: a retry
   * would repeat what was just stopped.
   */
  told(outcome: Outcome): Outcome {
    if (this.person === undefined || outcome.status !== 'failed' || outcome.error.kind !== 'cancelled')
      return outcome;
    const message = `Cancelled by ${printable(this.person, LONGEST_NAME)}`;
    return { ...outcome, error: { ...outcome.error, message, retryable: false } };
  }
}

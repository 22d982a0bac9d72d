import { printable } from '../common/printable.js';
import type { Outcome } from '../sandbox/index.js';

/** How many characters of a name a message shows. */
const LONGEST_NAME = 200;

/**
 * Ends one run from outside: by the caller's signal, which aborts when this process stops, or because a person asks for
 * it. Release it when the run has ended.
 */
export class Cancellation {
  private readonly controller = new AbortController();
  private readonly follow = (): void => this.controller.abort(this.asked?.reason);
  private person: string | undefined;

  constructor(private readonly asked: AbortSignal | undefined) {
    if (asked?.aborted) this.follow();
    else asked?.addEventListener('abort', this.follow, { once: true });
  }

  /** Aborts for either reason. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Ends the run at a person's request. */
  end(by: string): void {
    if (this.signal.aborted) return;
    this.person = by;
    this.controller.abort();
  }

  release(): void {
    this.asked?.removeEventListener('abort', this.follow);
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

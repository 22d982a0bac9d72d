import { printable } from '../common/printable.js';
import type { Outcome } from '../sandbox/index.js';

/** Characters of a name in a message. */
const LONGEST_NAME = 200;

/**
 * How one run may be ended from outside: by the signal of whoever asked for it, which is aborted when this process stops, or
 * by a person. Release it when the run has ended.
 */
export class Cancellation {
  private readonly controller = new AbortController();
  private readonly follow = (): void => this.controller.abort(this.asked?.reason);
  private person: string | undefined;

  constructor(private readonly asked: AbortSignal | undefined) {
    if (asked?.aborted) this.follow();
    else asked?.addEventListener('abort', this.follow, { once: true });
  }

  /** Aborts for either of the two. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Ends the run because a person says so. */
  end(by: string): void {
    if (this.signal.aborted) return;
    this.person = by;
    this.controller.abort();
  }

  release(): void {
    this.asked?.removeEventListener('abort', this.follow);
  }

  /**
   * The outcome as it is recorded. A run that a person ended names the person, and its event waits for a person too: tried
   * again by itself it would do what somebody just stopped.
   */
  told(outcome: Outcome): Outcome {
    if (this.person === undefined || outcome.status !== 'failed' || outcome.error.kind !== 'cancelled')
      return outcome;
    const message = `Cancelled by ${printable(this.person, LONGEST_NAME)}`;
    return { ...outcome, error: { ...outcome.error, message, retryable: false } };
  }
}

import type { FailureKind, Outcome } from '../outcome.js';
import { failed } from '../outcome-reader.js';
import type { PreparedRun } from '../prepared-run.js';

/** A run that waits for a process. */
export interface QueuedRun {
  readonly run: PreparedRun;
  readonly resolve: (outcome: Outcome) => void;
  /** From now on its process looks after the caller's signal. */
  readonly leaveQueue: () => void;
}

const NOTHING_USED = { durationMs: 0, cpuMs: 0, bindingCalls: 0, logsDropped: 0 };

/** The outcome of a run that never reached a process. */
export const neverRan = (kind: FailureKind, message: string): Outcome =>
  failed({ kind, message }, [], { ...NOTHING_USED });

/** First come, first served; a caller's signal takes its run out. */
export class RunQueue {
  private readonly waiting = new Set<QueuedRun>();

  get size(): number {
    return this.waiting.size;
  }

  add(run: PreparedRun): Promise<Outcome> {
    return new Promise((resolve) => {
      const { signal } = run;
      const cancel = (): void =>
        entry.resolve(neverRan('cancelled', 'The run was cancelled before it began'));
      const leaveQueue = (): void => {
        this.waiting.delete(entry);
        signal?.removeEventListener('abort', cancel);
      };
      const entry: QueuedRun = {
        run,
        leaveQueue,
        resolve: (outcome) => {
          leaveQueue();
          resolve(outcome);
        },
      };
      if (signal?.aborted) return cancel();
      signal?.addEventListener('abort', cancel, { once: true });
      this.waiting.add(entry);
    });
  }

  peek(): QueuedRun | undefined {
    for (const entry of this.waiting) return entry;
    return undefined;
  }

  /** Ends every waiting run. */
  clear(kind: FailureKind, message: string): void {
    for (const entry of this.waiting) entry.resolve(neverRan(kind, message));
  }
}

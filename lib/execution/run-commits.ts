import type { Statements } from '../entities/primary-database.js';
import type { StoreChanges, StoreVerdict } from '../store/store.types.js';
import type { NewExecution } from './execution.repository.js';

/** A completed run that changes its tenant's store. */
export interface RunCommit {
  readonly record: NewExecution;
  readonly changes: StoreChanges;
  /** Whether the run is stored even while another run has its turn at the store. */
  readonly insists: boolean;
  /** Stores the events that the run has published, in the same transaction. */
  readonly publish: ((statements: Statements) => Promise<void>) | undefined;
}

/**
 * The verdict on a run. `accepted`: everything is stored. `repeated`: the script has already completed for this
 * event, so nothing more is stored. Any other verdict: nothing is stored.
 */
export type RunVerdict = StoreVerdict | { readonly status: 'repeated' };

/** Port: stores runs together with their changes of the store, or not at all. */
export abstract class RunCommits {
  /**
   * Stores the records, store changes and published events of the runs in one transaction, one run after the other;
   * each run sees the changes of those before it. If the outcome of a call is unknown, it can be repeated with the
   * same runs.
   *
   * @returns a verdict for each run
   */
  abstract commit(runs: readonly RunCommit[]): Promise<RunVerdict[]>;
}

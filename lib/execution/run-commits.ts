import type { Statements } from '../entities/primary-database.js';
import type { StoreChanges, StoreVerdict } from '../store/store.types.js';
import type { NewExecution } from './execution.repository.js';

/** A run that has completed and changes its tenant's store. */
export interface RunCommit {
  readonly record: NewExecution;
  readonly changes: StoreChanges;
  /** Stores the events it has published, in the same transaction. */
  readonly publish: ((statements: Statements) => Promise<void>) | undefined;
}

/**
 * What became of it. `accepted`: all of it is stored. `repeated`: the script has completed for this event before, so nothing is
 * stored anew. Otherwise nothing is stored.
 */
export type RunVerdict = StoreVerdict | { readonly status: 'repeated' };

/** Port: makes runs visible with what they remember, or not at all. */
export abstract class RunCommits {
  /**
   * Stores records, store and published events of the runs in one transaction, one run after the other: each sees what those
   * before it have changed. May be called again with the same runs if it is not known what became of them.
   *
   * @returns a verdict for each run
   */
  abstract commit(runs: readonly RunCommit[]): Promise<RunVerdict[]>;
}

import { hostname } from 'node:os';

/** How the retry worker works. All times in milliseconds. */
export interface RetryWorkerOptions {
  /** Time between two looks for due dead letters. Default 10,000. */
  intervalMs: number;
  /** How many retries this process runs at the same time. Default 5. */
  concurrency: number;
  /** How many dead letters are claimed at a time. Default 20. */
  batchSize: number;
  /** How long a claim holds unless it is prolonged. Default 120,000. */
  leaseMs: number;
  /** Name of this process in claims. Default host name and process id. */
  owner: string;
  /**
   * Whether more than one tenant may have something to retry. While it returns true, some places are kept for tenants
   * that have no retry running and are not heavy; see `keptWorkers`. Default: no.
   */
  severalTenants: () => boolean;
  /** The tenants whose runs computed for long lately; see `HeavyTenants`. Default: none. */
  heavyTenants: () => readonly string[];
}

export const RETRY_WORKER_DEFAULTS: Readonly<RetryWorkerOptions> = {
  intervalMs: 10_000,
  concurrency: 5,
  batchSize: 20,
  leaseMs: 120_000,
  owner: `${hostname()}:${process.pid}`,
  severalTenants: () => false,
  heavyTenants: () => [],
};

/** What one tick of the retry worker did. @publicApi */
export interface TickSummary {
  /** Dead letters claimed. */
  claimed: number;
  succeeded: number;
  /** Failed, and to be retried again. */
  failed: number;
  exhausted: number;
  /**
   * Released without counting an attempt: the script may not run, the application stops, or the database is
   * unavailable.
   */
  released: number;
  /** Results that arrived after the lease had ended; they changed nothing. */
  lost: number;
  /** Pending dead letters discarded because their script was deleted. */
  discarded: number;
}

export const EMPTY_TICK: Readonly<TickSummary> = {
  claimed: 0,
  succeeded: 0,
  failed: 0,
  exhausted: 0,
  released: 0,
  lost: 0,
  discarded: 0,
};

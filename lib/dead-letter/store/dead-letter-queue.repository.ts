import type { Page, PageRequest } from '../../common/page.js';
import type { DeadLetterAttempt, DeadLetterStatus } from '../../entities/index.js';
import type {
  AlertOutcome,
  ClaimedAlert,
  ClaimedDeadLetter,
  DeadLetterCounts,
  DeadLetterEntry,
  DeadLetterFilter,
  DeadLetterSelector,
  DeadLetterStats,
  DeadLetterSummary,
  NewDeadLetter,
  RetryMark,
} from '../dead-letter.types.js';

/** How much to claim, for how long, in whose name. */
export interface ClaimRequest {
  limit: number;
  /** Milliseconds until somebody else may claim the same entries. */
  leaseMs: number;
  /** Who claims: shown in `locked_by` before the token's own part. */
  owner: string;
}

/** The same for retries. */
export interface RetryRequest extends ClaimRequest {
  /** Tenants whose entries are left out. Default none. */
  besides?: readonly string[];
}

/** The same for alerts. */
export interface AlertRequest extends ClaimRequest {
  /** Milliseconds between two alerts for dead letters of one script: what comes in between is told together. */
  intervalMs: number;
}

/** An entry's id and the token of the claim that holds it. */
export interface Lease {
  id: string;
  token: string;
}

/**
 * Port to the dead letters.
 *
 * ```
 *            claim                        completed
 * pending ───────────► retrying ─────────────────────────► resolved
 *  ▲  ▲ ◄── release ──────┤  │ failed
 *  │  └── retries left ───┼──┤
 *  │   lease over (lost) ─┘  └─ none left ─► exhausted ── one alert
 *  └───────────── replay ──────────────────────┤
 * discarded ◄──── discard (pending, exhausted) ┘      replay of a discarded one brings it back
 * ```
 *
 * All times are the database's. What the workers use spans the tenants; everything else is for one tenant, and another
 * tenant's dead letters do not exist for it.
 *
 * The specification names `getForScript` and `delete` (see docs/architecture.md); the services list by a filter, and leave
 * deleting by age to `retention`, so nothing here calls the two.
 */
export abstract class DeadLetterQueueRepository {
  /**
   * Stores all; one that is there already is left as it is. Of the reason `loop` there is one for a script and an event of
   * the host: what is stopped after the first is counted in it, some of it twice when the answer to a write was lost.
   */
  abstract add(deadLetters: readonly NewDeadLetter[]): Promise<void>;

  /** Whether a script has a dead letter for an event, whatever its status. */
  abstract has(tenantId: string, scriptId: string, eventId: string): Promise<boolean>;

  /** How many entries wait for each script, counted no further than `most`. */
  abstract countPending(scriptIds: readonly string[], most: number): Promise<Map<string, number>>;

  /**
   * Claims entries that are due, the earliest first and taking turns over tenants, and only those of active scripts: a
   * paused script burns no retries. Entries whose lease has ended become pending again first. What another worker has
   * claimed is passed over without waiting.
   */
  abstract getPendingRetries(request: RetryRequest): Promise<ClaimedDeadLetter[]>;

  /** Prolongs leases to `leaseMs` from now. Returns the ids whose lease still holds. */
  abstract renewLeases(leases: readonly Lease[], leaseMs: number): Promise<string[]>;

  /** The ids of those leases that hold, by the database's clock. Changes nothing. */
  abstract stillHeld(leases: readonly Lease[]): Promise<string[]>;

  /** Writes the outcome of a retry. False, and nothing is written, when the lease has ended. */
  abstract markRetried(id: string, token: string, mark: RetryMark): Promise<boolean>;

  /** Gives a claimed entry back, due after `delayMs` or, without one, as before. Its attempt does not count. */
  abstract release(id: string, token: string, delayMs?: number): Promise<boolean>;

  /** Discards pending entries whose script is gone, with a note. Returns how many. */
  abstract discardOrphans(): Promise<number>;

  /**
   * Claims exhausted entries nobody has been alerted of: of each script the oldest, which stands for all of the script that
   * wait with it and counts them. Tenants take turns. Until the lease ends no other dispatcher gets them; a dispatcher that
   * dies leaves them to the next one.
   */
  abstract claimAlerts(request: AlertRequest): Promise<ClaimedAlert[]>;

  /** Ends the claim of an alert; `history` is added to the entry. */
  abstract settleAlert(
    lease: Lease,
    outcome: AlertOutcome,
    history: Omit<DeadLetterAttempt, 'at'>[],
  ): Promise<void>;

  /** All tenants together, for metrics. */
  abstract countByStatus(): Promise<Record<DeadLetterStatus, number>>;

  /**
   * Milliseconds that the retry that is most overdue has been due, over the active scripts of all tenants; 0 if none is
   * due. Looks at the first 10,000 scripts that have dead letters pending.
   */
  abstract oldestDueMs(): Promise<number>;

  abstract get(tenantId: string, id: string): Promise<DeadLetterEntry | null>;

  /** Newest first. */
  abstract list(
    tenantId: string,
    filter: DeadLetterFilter,
    page: PageRequest,
  ): Promise<Page<DeadLetterSummary>>;

  /** {@link list} for one script. */
  abstract getForScript(
    tenantId: string,
    scriptId: string,
    page: PageRequest,
  ): Promise<Page<DeadLetterSummary>>;

  abstract count(tenantId: string, filter: DeadLetterFilter): Promise<number>;

  abstract stats(tenantId: string): Promise<DeadLetterStats>;

  /** Open entries, each kind counted up to `most`; held ones among the newest `window` pending ones. */
  abstract boundedCounts(tenantId: string, most: number, window: number): Promise<DeadLetterCounts>;

  /**
   * Makes pending, exhausted and discarded entries due at once, with one retry more if they have none left. Entries of a
   * script that is gone stay as they are. One that stands for several scripts makes one for each, and each counts towards
   * the limit; with a filter of one script, it makes one for that and stands for the rest. Returns the ids of those that
   * were selected.
   */
  abstract replay(tenantId: string, selector: DeadLetterSelector, by: string): Promise<string[]>;

  /** How many {@link replay} would take without a limit, counted up to `most`. */
  abstract countReplayable(tenantId: string, filter: DeadLetterFilter, most?: number): Promise<number>;

  /** Gives up pending and exhausted entries, of one script alone as {@link replay} does. Returns the ids. */
  abstract discard(
    tenantId: string,
    selector: DeadLetterSelector,
    by: string,
    note: string,
  ): Promise<string[]>;

  /** How many {@link discard} would take without a limit, counted up to `most`. */
  abstract countDiscardable(tenantId: string, filter: DeadLetterFilter, most?: number): Promise<number>;

  /** Deletes one entry, whatever its status. False when the tenant has no such entry. */
  abstract delete(tenantId: string, id: string): Promise<boolean>;

  /**
   * Deletes up to `limit` closed or exhausted entries that have not changed for `olderThanMs`, oldest first. Returns how
   * many. Without a tenant, of all tenants.
   */
  abstract purge(
    tenantId: string | undefined,
    statuses: readonly PurgeableStatus[],
    olderThanMs: number,
    limit: number,
  ): Promise<number>;
}

/** What may be deleted by age: never what still waits for a retry or runs. */
export const PURGEABLE_STATUSES = [
  'resolved',
  'discarded',
  'exhausted',
] as const satisfies readonly PurgeableStatus[];
/** @publicApi */
export type PurgeableStatus = Extract<DeadLetterStatus, 'resolved' | 'discarded' | 'exhausted'>;

export const REPLAYABLE_STATUSES = [
  'pending',
  'exhausted',
  'discarded',
] as const satisfies DeadLetterStatus[];
export const DISCARDABLE_STATUSES = ['pending', 'exhausted'] as const satisfies DeadLetterStatus[];

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

/** How much to claim, for how long, and for whom. */
export interface ClaimRequest {
  limit: number;
  /** Milliseconds until others may claim the same dead letters. */
  leaseMs: number;
  /** Who claims: the first part of `locked_by`, before the token's own part. */
  owner: string;
}

/** A claim of retries. */
export interface RetryRequest extends ClaimRequest {
  /** Tenants whose dead letters are left out. Default none. */
  besides?: readonly string[];
}

/** A claim of alerts. */
export interface AlertRequest extends ClaimRequest {
  /** Milliseconds between two alerts for dead letters of one script. Dead letters in between are reported together. */
  intervalMs: number;
}

/** A dead letter's id and the token of the claim that holds it. */
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
 * All times are the database's. The methods for workers and metrics span all tenants. All others work on one tenant's
 * dead letters and don't find those of another tenant.
 *
 * The specification names `getForScript` and `delete` (see docs/architecture.md); this package calls neither, because
 * the services list by a filter, and `retention` deletes by age.
 */
export abstract class DeadLetterQueueRepository {
  /**
   * Stores all dead letters; one that already exists is left as it is. With the reason `loop` there is one for a script
   * and an event of the host: what is stopped later is counted in it, and may be counted twice if the answer to a write
   * was lost.
   */
  abstract add(deadLetters: readonly NewDeadLetter[]): Promise<void>;

  /** Whether a script has a dead letter for an event, whatever its status. */
  abstract has(tenantId: string, scriptId: string, eventId: string): Promise<boolean>;

  /** How many dead letters wait for each script, counted up to `most`. */
  abstract countPending(scriptIds: readonly string[], most: number): Promise<Map<string, number>>;

  /**
   * Claims due dead letters, earliest first and taking turns over tenants, and only those of active scripts: a paused
   * script uses up no retries. Dead letters whose lease has ended first become pending again. Those that another worker
   * has claimed are skipped without waiting.
   */
  abstract getPendingRetries(request: RetryRequest): Promise<ClaimedDeadLetter[]>;

  /** Prolongs leases to `leaseMs` from now. Returns the ids whose lease still holds. */
  abstract renewLeases(leases: readonly Lease[], leaseMs: number): Promise<string[]>;

  /** The ids of the leases that still hold, by the database's clock. Changes nothing. */
  abstract stillHeld(leases: readonly Lease[]): Promise<string[]>;

  /** Writes the outcome of a retry. False, and nothing is written, if the lease has ended. */
  abstract markRetried(id: string, token: string, mark: RetryMark): Promise<boolean>;

  /** Releases a claimed dead letter, due after `delayMs` or, without it, as before. Its attempt doesn't count. */
  abstract release(id: string, token: string, delayMs?: number): Promise<boolean>;

  /** Discards pending dead letters whose script is gone, with a note. Returns how many. */
  abstract discardOrphans(): Promise<number>;

  /**
   * Claims exhausted dead letters whose alert has not been sent: for each script the oldest one, which stands for all
   * that wait with it and counts them. Tenants take turns. Until the lease ends, no other dispatcher gets them; if a
   * dispatcher dies, the next one does.
   */
  abstract claimAlerts(request: AlertRequest): Promise<ClaimedAlert[]>;

  /** Ends the claim of an alert and adds `history` to the dead letter. */
  abstract settleAlert(
    lease: Lease,
    outcome: AlertOutcome,
    history: Omit<DeadLetterAttempt, 'at'>[],
  ): Promise<void>;

  /**
   * Counts over all tenants, for metrics. Open dead letters are all counted, `resolved` and `discarded` ones up to
   * 10,000 of each: the cost grows with what is open, not with the history that is kept.
   */
  abstract countByStatus(): Promise<Record<DeadLetterStatus, number>>;

  /**
   * For how many milliseconds the most overdue retry has been due, over the active scripts of all tenants; 0 if none is
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

  /** How many dead letters of a script wait at one moment: events that are held, and retries. */
  abstract countWaiting(tenantId: string, scriptId: string): Promise<{ held: number; retries: number }>;

  abstract stats(tenantId: string): Promise<DeadLetterStats>;

  /** Open dead letters, each kind counted up to `most`; held ones among the newest `window` pending ones. */
  abstract boundedCounts(tenantId: string, most: number, window: number): Promise<DeadLetterCounts>;

  /**
   * Makes pending, exhausted and discarded dead letters due immediately, with one more retry if they have none left.
   * Those of a deleted script stay as they are. A dead letter for several scripts is split into one for each, and each
   * counts towards the limit; with a filter for one script, only that script's part is split off. Returns the ids of
   * the selected ones.
   */
  abstract replay(tenantId: string, selector: DeadLetterSelector, by: string): Promise<string[]>;

  /** How many dead letters {@link replay} would change without a limit, counted up to `most`. */
  abstract countReplayable(tenantId: string, filter: DeadLetterFilter, most?: number): Promise<number>;

  /**
   * Discards pending and exhausted dead letters and returns their ids. With a filter for one script, only that script's
   * part is discarded, as in {@link replay}.
   */
  abstract discard(
    tenantId: string,
    selector: DeadLetterSelector,
    by: string,
    note: string,
  ): Promise<string[]>;

  /** How many dead letters {@link discard} would change without a limit, counted up to `most`. */
  abstract countDiscardable(tenantId: string, filter: DeadLetterFilter, most?: number): Promise<number>;

  /** Deletes one dead letter, whatever its status. False if the tenant has none with this id. */
  abstract delete(tenantId: string, id: string): Promise<boolean>;

  /**
   * Deletes up to `limit` closed or exhausted dead letters that have not changed for `olderThanMs`, oldest first.
   * Returns how many. Without a tenant, those of all tenants.
   */
  abstract purge(
    tenantId: string | undefined,
    statuses: readonly PurgeableStatus[],
    olderThanMs: number,
    limit: number,
  ): Promise<number>;
}

/** Statuses that may be deleted by age. Dead letters that wait for a retry or run are not among them. */
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

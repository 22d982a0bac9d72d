import type { SqlConnection } from '../buffer/durable-event-buffer.js';
import type { TenantsSeen } from '../common/tenant-rotation.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import type { SchedulePlan } from './schedule.plan.js';
import type { OpenRun, ScheduleKey, ScheduleRow, ScheduleState } from './schedule.types.js';

/** A schedule and the decision about it. */
export interface PlannedSchedule {
  row: ScheduleRow;
  plan: SchedulePlan;
  /** The event of `plan.fire`. */
  event: QueuedEvent | null;
  /** The run that is open afterwards, if any. */
  open: OpenRun | null;
}

/** One row of a claim: a schedule, or only how far the claim looked. */
export interface ClaimedRow extends TenantsSeen {
  id: string | null;
  tenant_id: string | null;
  planned: PlannedSchedule | null;
}

/** The work of a claim inside its transaction. */
export interface ClaimWork {
  /** Decides about each schedule. */
  plan(rows: readonly ScheduleRow[], now: number): Promise<PlannedSchedule[]>;
  /** Stores the events of the schedules. Does nothing if the buffer is in memory. */
  store(connection: SqlConnection, events: readonly QueuedEvent[]): Promise<void>;
}

/** Names a run that ended, or whose process is alive. */
export interface NamedRun {
  scriptId: string;
  tenantId: string;
  eventId: string;
}

/** A run whose process is alive, with its schedule. */
export type HeldRun = NamedRun & ScheduleKey;

/**
 * Port to the stored schedules. The database's clock decides what is due, and a schedule is claimed by one process at a
 * time.
 */
export abstract class ScheduleRepository {
  /**
   * Milliseconds until the next schedule is due, negative if one is overdue, null if none will be; and the database's
   * time.
   */
  abstract untilDue(): Promise<{ dueInMs: number | null; now: number }>;

  /**
   * Locks up to `limit` schedules that are due and not locked by another process, tenants in turn, beginning after the
   * tenant `after`. Stores what `work` decides about them, and their events, in the same transaction. If `work` throws,
   * nothing is stored.
   */
  abstract claim(limit: number, after: string, work: ClaimWork): Promise<ClaimedRow[]>;

  /** Makes these schedules due in `delayMs`, and not earlier. */
  abstract postpone(keys: readonly ScheduleKey[], delayMs: number): Promise<void>;

  /**
   * Stores that these runs of the process `owner`, or of a durable buffer, have ended. Resolves with true if a next
   * time waited for one of them. Calling it again does no harm.
   */
  abstract ended(runs: readonly NamedRun[], owner: string | null): Promise<boolean>;

  /**
   * Extends the lease of these runs to `leaseMs` from now if the process `owner` still has it. Resolves with the ids
   * of events that another process has taken over. If a schedule was deleted, its run stays with its process.
   */
  abstract renew(runs: readonly HeldRun[], owner: string, leaseMs: number): Promise<string[]>;

  /** Makes the times of these runs of the process `owner` due again in `delayMs`. They run however late it is then. */
  abstract putBack(runs: readonly NamedRun[], owner: string | null, delayMs: number): Promise<void>;

  /**
   * Makes schedules due that were last looked at in what is now the future, because the database's clock was set back.
   * Resolves with their number.
   */
  abstract mend(toleranceMs: number): Promise<number>;

  /** The schedules of a script with their state. */
  abstract states(tenantId: string, scriptId: string): Promise<StoredState[]>;
}

/** A stored schedule with the state that is shown. */
export type StoredState = Pick<ScheduleState, 'lastTime' | 'openEventId'> &
  ScheduleKey & { nextAt: number | null; fromAt: number; standing: boolean };

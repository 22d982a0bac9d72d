import type { SqlConnection } from '../buffer/durable-event-buffer.js';
import type { TenantsSeen } from '../common/tenant-rotation.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import type { SchedulePlan } from './schedule.plan.js';
import type { OpenRun, ScheduleKey, ScheduleRow, ScheduleState } from './schedule.types.js';

/** A schedule that was looked at, and what was decided. */
export interface PlannedSchedule {
  row: ScheduleRow;
  plan: SchedulePlan;
  /** The event of `plan.fire`. */
  event: QueuedEvent | null;
  /** What is open afterwards. */
  open: OpenRun | null;
}

/** What a claim answers with: a row for each schedule, or one that tells only how far it looked. */
export interface ClaimedRow extends TenantsSeen {
  id: string | null;
  tenant_id: string | null;
  planned: PlannedSchedule | null;
}

/** What is done with the schedules of a claim, in its transaction. */
export interface ClaimWork {
  /** Decides what becomes of each. */
  plan(rows: readonly ScheduleRow[], now: number): Promise<PlannedSchedule[]>;
  /** Stores their events. With a buffer in memory: nothing. */
  store(connection: SqlConnection, events: readonly QueuedEvent[]): Promise<void>;
}

/** The end of an event's run. */
export interface EndedRun {
  scriptId: string;
  tenantId: string;
  eventId: string;
}

/** Port: where schedules are kept. The database's clock decides what is due, and one process at a time has a schedule. */
export abstract class ScheduleRepository {
  /** Milliseconds until something is due, negative when something is; null when nothing will be. And the database's time. */
  abstract untilDue(): Promise<{ dueInMs: number | null; now: number }>;

  /**
   * Locks up to `limit` schedules that are due and that no other process has, of the tenants after `after` in turn, and stores
   * what `work` decides about them, with their events, in one transaction. What `work` throws undoes everything.
   *
   * @param from one schedule only, by its key: to find out which of many cannot be claimed
   */
  abstract claim(limit: number, after: string, work: ClaimWork): Promise<ClaimedRow[]>;

  /** Leaves schedules alone for a while. */
  abstract postpone(keys: readonly ScheduleKey[], delayMs: number): Promise<void>;

  /** Says which runs have ended; true when one of them was waited for. May be called twice for one. */
  abstract ended(runs: readonly EndedRun[]): Promise<boolean>;

  /** Says that the process of these runs is alive for `leaseMs` more. */
  abstract renew(runs: readonly EndedRun[], leaseMs: number): Promise<void>;

  /** Makes the times of these runs due again in `delayMs`, as if nobody had acted on them. */
  abstract putBack(runs: readonly EndedRun[], delayMs: number): Promise<void>;

  /** Looks anew at schedules that were last looked at in what is now the future: the database's clock was set back. */
  abstract mend(toleranceMs: number): Promise<number>;

  /** Of these scripts of a tenant, in the order of their fields. */
  abstract states(tenantId: string, scriptId: string): Promise<StoredState[]>;
}

/** A schedule as it is shown. */
export type StoredState = Pick<ScheduleState, 'lastTime' | 'openEventId'> &
  ScheduleKey & { nextAt: number | null; fromAt: number; standing: boolean };

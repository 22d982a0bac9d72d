import type { DataSource } from 'typeorm';
import { isUuid } from '../common/page.js';
import type { ScriptSchedule } from '../entities/index.js';
import { PrimaryDatabase } from '../entities/primary-database.js';
import { ownTablePath } from '../entities/table-path.js';
import { ScheduleClaimError } from './schedule.errors.js';
import {
  type ClaimedRow,
  type ClaimWork,
  type NamedRun,
  type HeldRun,
  type PlannedSchedule,
  ScheduleRepository,
  type StoredState,
} from './schedule.repository.js';
import { scheduleSql } from './schedule.sql.js';
import type { ScheduleKey, ScheduleRow } from './schedule.types.js';

/** Name of the table without the host's schema and prefix. */
export const SCHEDULES_TABLE = 'script_schedules';

/**
 * How long a claim waits for the lock of another transaction, in milliseconds. After that it fails, and its schedules
 * stay due.
 */
const LOCK_TIMEOUT_MS = 5_000;

interface Row {
  tenants: number;
  last: string | null;
  now: number;
  id: string | null;
  tenant_id: string | null;
  cron: string;
  timezone: string;
  definition: ScriptSchedule;
  from_at: number;
  next_at: number | null;
  previous_at: number | null;
  open_event: string | null;
  open_for: number | null;
  open_until: number | null;
  open_by: string | null;
}

/** Stores schedules in PostgreSQL. */
export class TypeOrmScheduleRepository extends ScheduleRepository {
  private readonly primary: PrimaryDatabase;
  private statements: ReturnType<typeof scheduleSql> | undefined;

  constructor(private readonly dataSource: DataSource) {
    super();
    this.primary = new PrimaryDatabase(dataSource);
  }

  async untilDue(): Promise<{ dueInMs: number | null; now: number }> {
    const [row] = await this.primary.query<{ due_in: number | null; now: number }>(this.sql.untilDue);
    return { dueInMs: row?.due_in ?? null, now: row?.now ?? Number.NaN };
  }

  async claim(limit: number, after: string, work: ClaimWork): Promise<ClaimedRow[]> {
    let schedules: ScheduleRow[] = [];
    try {
      return await this.primary.transaction(async (statements) => {
        await statements.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
        const rows = await statements.query<Row>(this.sql.claim, [limit, after]);
        schedules = rows.filter(({ id }) => id !== null).map(scheduleOf);
        const [first] = rows;
        if (!first || schedules.length === 0) return rows.map((row) => claimed(row, null));
        const planned = await work.plan(schedules, first.now);
        await statements.query(this.sql.store, [JSON.stringify(planned.map(storedOf))]);
        const events = planned.flatMap(({ event }) => event ?? []);
        if (events.length > 0) await work.store(statements, events);
        return rows.map((row, at) => claimed(row, planned[at] ?? null));
      });
    } catch (error) {
      throw schedules.length === 0 ? error : new ScheduleClaimError(schedules, error);
    }
  }

  async postpone(keys: readonly ScheduleKey[], delayMs: number): Promise<void> {
    await this.primary.query(this.sql.postpone, [
      keys.map(({ scriptId }) => scriptId),
      keys.map(({ cron }) => cron),
      keys.map(({ timezone }) => timezone),
      delayMs,
    ]);
  }

  async ended(runs: readonly NamedRun[], owner: string | null): Promise<boolean> {
    const [row] = await this.primary.query<{ waited: boolean }>(this.sql.ended, [...idsOf(runs), owner]);
    return row?.waited === true;
  }

  async renew(runs: readonly HeldRun[], owner: string, leaseMs: number): Promise<string[]> {
    const crons = runs.map(({ cron }) => cron);
    const zones = runs.map(({ timezone }) => timezone);
    const taken = await this.primary.query<{ id: string }>(this.sql.renew, [
      ...idsOf(runs),
      owner,
      leaseMs,
      crons,
      zones,
    ]);
    return taken.map(({ id }) => id);
  }

  async putBack(runs: readonly NamedRun[], owner: string | null, delayMs: number): Promise<void> {
    await this.primary.query(this.sql.putBack, [...idsOf(runs), owner, delayMs]);
  }

  async mend(toleranceMs: number): Promise<number> {
    const [row] = await this.primary.query<{ count: number }>(this.sql.mend, [toleranceMs]);
    return row?.count ?? 0;
  }

  async states(tenantId: string, scriptId: string): Promise<StoredState[]> {
    if (!isUuid(scriptId)) return [];
    const rows = await this.primary.query<StateRow>(this.sql.states, [tenantId, scriptId]);
    return rows.map((row) => ({
      scriptId,
      cron: row.cron,
      timezone: row.timezone,
      nextAt: row.next_at,
      fromAt: row.from_at,
      standing: row.standing,
      lastTime: row.last_at === null ? null : new Date(row.last_at),
      openEventId: row.open_event,
    }));
  }

  private get sql(): ReturnType<typeof scheduleSql> {
    return (this.statements ??= scheduleSql(ownTablePath(this.dataSource, SCHEDULES_TABLE)));
  }
}

interface StateRow {
  cron: string;
  timezone: string;
  next_at: number | null;
  from_at: number;
  standing: boolean;
  last_at: number | null;
  open_event: string | null;
}

const idsOf = (runs: readonly NamedRun[]): unknown[] => [
  runs.map(({ scriptId }) => scriptId),
  runs.map(({ eventId }) => eventId),
];

const claimed = ({ tenants, last, id, tenant_id }: Row, planned: PlannedSchedule | null): ClaimedRow => ({
  tenants,
  last,
  id,
  tenant_id,
  planned,
});

const scheduleOf = (row: Row): ScheduleRow => ({
  scriptId: row.id as string,
  tenantId: row.tenant_id as string,
  cron: row.cron,
  timezone: row.timezone,
  schedule: row.definition,
  fromAt: row.from_at,
  nextAt: row.next_at,
  previousAt: row.previous_at,
  open:
    row.open_event === null || row.open_for === null || row.open_until === null
      ? null
      : { eventId: row.open_event, at: row.open_for, until: row.open_until, by: row.open_by },
});

const storedOf = ({ row, plan, open }: PlannedSchedule): object => ({
  script_id: row.scriptId,
  cron: row.cron,
  timezone: row.timezone,
  // Without a next time, times are still computed from the same moment.
  from_at: plan.nextAt === null ? row.fromAt : null,
  next_at: plan.nextAt,
  due_at: plan.dueAt,
  previous_at: plan.previousAt,
  open_event: open?.eventId ?? null,
  open_for: open?.at ?? null,
  open_until: open?.until ?? null,
  open_by: open?.by ?? null,
});

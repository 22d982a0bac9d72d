import { NO_SPANS } from '../../../lib/tracing/script-spans.js';
import type { DataSource } from 'typeorm';
import { InMemoryEventBuffer } from '../../../lib/buffer/memory/in-memory.event-buffer.js';
import type { QueuedEvent } from '../../../lib/buffer/queued-event.js';
import { SystemClock } from '../../../lib/common/clock.js';
import { ScheduleRunner } from '../../../lib/schedules/schedule.runner.js';
import { ScheduleRuns } from '../../../lib/schedules/schedule.runs.js';
import { TypeOrmScheduleRepository } from '../../../lib/schedules/typeorm-schedule.repository.js';
import type { ScheduleFields } from '../../../lib/scripts/script.types.js';
import { InMemoryMetricsRecorder } from '../../../lib/metrics/in-memory.metrics.js';
import { newScript, scriptServices, type ScriptServices } from '../../support/script-services.js';

const LEASE_MS = 60_000;
const LONGEST_RUN_MS = 30_000;

/** The schedules of one process, with a memory buffer that runs nothing: a test takes the events from it. */
export class ScheduleNode {
  readonly scripts: ScriptServices;
  readonly repository: TypeOrmScheduleRepository;
  readonly runs: ScheduleRuns;
  readonly runner: ScheduleRunner;
  readonly metrics = new InMemoryMetricsRecorder();
  /** Events that are queued and have not ended. */
  readonly events: QueuedEvent[] = [];
  /** Event ids that have a record or a dead letter. */
  readonly done = new Set<string>();

  constructor(
    dataSource: DataSource,
    { room = 1_000, watchMs = 0 }: { room?: number; watchMs?: number } = {},
  ) {
    this.scripts = scriptServices(dataSource);
    this.repository = new TypeOrmScheduleRepository(dataSource);
    this.runs = new ScheduleRuns(this.repository, {
      durable: false,
      leaseMs: LEASE_MS,
      longestRunMs: LONGEST_RUN_MS,
    });
    const clock = new SystemClock();
    const buffer = new InMemoryEventBuffer({ size: room, workerCount: 1, runsPerScript: () => 1 }, clock);
    const { index, sync } = this.scripts;
    this.runner = new ScheduleRunner(
      {
        repository: this.repository,
        runs: this.runs,
        queue: {
          queueScheduled: (events) => {
            const { overflowed } = buffer.enqueue(events);
            this.events.push(...events.filter((event) => !overflowed.includes(event)));
            return overflowed;
          },
        },
        buffer,
        index,
        indexSync: sync,
        executions: { completionOf: async (_tenant, _script, id) => (this.done.has(id) ? id : null) },
        deadLetters: { has: async () => false },
        metrics: this.metrics,
        clock,
        spans: NO_SPANS,
      },
      { pollMs: 1_000, missedAfterMs: 60_000, leaseMs: LEASE_MS, watchMs, maxExecutionsPerRoot: 10 },
    );
  }

  /** Creates an active script of the tenant with these schedules and no event types. */
  async script(schedules: ScheduleFields[], name = 'Digest', tenantId = 'acme'): Promise<string> {
    const { eventTypes: _, ...script } = newScript({ name, active: true });
    const { id } = await this.scripts.service.create(tenantId, { ...script, schedules });
    return id;
  }

  /** The events that were queued since the last call. */
  taken(): QueuedEvent[] {
    return this.events.splice(0);
  }

  async close(): Promise<void> {
    await this.runner.stop(1_000);
    await this.runs.close(1_000);
  }
}

/** The rows of schedules. */
export const rows = (dataSource: DataSource, scriptId?: string): Promise<ScheduleRowSeen[]> =>
  dataSource.query(
    `SELECT script_id AS "scriptId", cron, next_at AS "nextAt", due_at AS "dueAt", previous_at AS "previousAt",
       open_event AS "openEvent" FROM script_schedules WHERE script_id = coalesce($1, script_id) ORDER BY script_id, cron`,
    [scriptId ?? null],
  );

export interface ScheduleRowSeen {
  scriptId: string;
  cron: string;
  nextAt: Date | null;
  dueAt: Date | null;
  previousAt: Date | null;
  openEvent: string | null;
}

/** Makes the hour that began `hours` ago the next time of all schedules, as if no process had looked since. */
export async function rewind(dataSource: DataSource, hours = 0): Promise<void> {
  await dataSource.query(
    `UPDATE script_schedules SET next_at = date_trunc('hour', now()) - $1 * interval '1 hour',
       from_at = date_trunc('hour', now()) - $1 * interval '1 hour' - interval '1 second', due_at = date_trunc('hour', now()) - $1 * interval '1 hour' WHERE due_at IS NOT NULL`,
    [hours],
  );
}

/** The hour that began `hours` ago, by the database's clock. */
export async function hourAgo(dataSource: DataSource, hours = 0): Promise<string> {
  const [row] = await dataSource.query<{ at: Date }[]>(
    `SELECT date_trunc('hour', now()) - $1 * interval '1 hour' AS at`,
    [hours],
  );
  return (row as { at: Date }).at.toISOString();
}

/** Ends the leases of open runs now. */
export const expire = (dataSource: DataSource): Promise<unknown> =>
  dataSource.query(
    `UPDATE script_schedules SET open_until = now(), due_at = now() WHERE open_event IS NOT NULL`,
  );

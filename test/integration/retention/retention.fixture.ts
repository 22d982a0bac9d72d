import { SchedulerRegistry } from '@nestjs/schedule';
import type { DataSource } from 'typeorm';
import { SystemClock } from '../../../lib/common/clock.js';
import type { RetentionRepository } from '../../../lib/retention/retention.repository.js';
import { RetentionService } from '../../../lib/retention/retention.service.js';
import type { RetentionSettings } from '../../../lib/retention/retention.types.js';
import { TypeOrmRetentionRepository } from '../../../lib/retention/typeorm-retention.repository.js';
import { RecordedMetrics } from '../../support/recorded-metrics.js';

const DAY = 86_400_000;

/** Ages of one, two, … days, and small batches without a pause. */
const SETTINGS: RetentionSettings = {
  ages: {
    completedExecutions: 1 * DAY,
    failedExecutions: 2 * DAY,
    resolvedDeadLetters: 3 * DAY,
    discardedDeadLetters: 4 * DAY,
    exhaustedDeadLetters: 5 * DAY,
    statistics: 6 * DAY,
    expiredKeys: 0,
  },
  intervalMs: 3_600_000,
  batchSize: 10,
  batchPauseMs: 0,
  maxRoundTimeMs: 60_000,
};

/** The retention of one process, with its metrics and the registry of its interval. */
export function retentionOn(
  source: DataSource | RetentionRepository,
  settings: Partial<RetentionSettings> = {},
) {
  const repository = 'deleteBatch' in source ? source : new TypeOrmRetentionRepository(source);
  const metrics = new RecordedMetrics();
  const scheduler = new SchedulerRegistry();
  const service = new RetentionService(repository, metrics, scheduler, new SystemClock(), {
    ...SETTINGS,
    ...settings,
  });
  return { service, metrics, scheduler, repository };
}

/** Adds records of executions that ended some days ago. */
export async function executions(
  dataSource: DataSource,
  status: 'completed' | 'failed',
  days: number,
  count = 1,
): Promise<void> {
  await dataSource.query(
    `INSERT INTO script_executions (id, tenant_id, script_id, script_version, event_id, event_type, attempt, trigger,
       status, error_kind, duration_ms, cpu_ms, queue_ms, idempotency_key, started_at, finished_at)
     SELECT gen_random_uuid(), 'acme', gen_random_uuid(), 1, gen_random_uuid()::text, 'user.created', 1, 'event', $1::text,
       CASE WHEN $1::text = 'failed' THEN 'runtime' END, 1, 1, 1, 'key', at, at
     FROM generate_series(1, $3::int) AS n, LATERAL (
       SELECT now() - $2::float8 * interval '1 day' - n * interval '1 microsecond' AS at) AS moment`,
    [status, days, count],
  );
}

/** Adds hours of statistics, the newest some days ago. */
export async function statistics(dataSource: DataSource, days: number, count = 1): Promise<void> {
  await dataSource.query(
    `INSERT INTO script_statistics (hour, tenant_id, script_id, writer, completed, failed, duration_ms, queue_ms)
     SELECT date_trunc('hour', now()) - make_interval(days => $1::int, hours => n / 20), 'acme', gen_random_uuid(), 0, 1, 0, 1, 1
     FROM generate_series(0, $2::int - 1) AS n`,
    [days, count],
  );
}

/** Adds dead letters that have not changed for some days. */
export async function deadLetters(
  dataSource: DataSource,
  status: string,
  days: number,
  { count = 1, alerted = false } = {},
): Promise<void> {
  await dataSource.query(
    `INSERT INTO dead_letter_queue (id, tenant_id, script_id, event_id, event_type, event_data, occurred_at, cause, reason,
       error, status, next_retry_at, locked_by, locked_until, alerted_at, created_at, updated_at)
     SELECT gen_random_uuid(), 'acme', gen_random_uuid(), 'e', 'user.created', '{}', at, '{}', 'failed', 'x', $1::text,
       CASE WHEN $1::text = 'pending' THEN at END, CASE WHEN $1::text = 'retrying' THEN 'somebody' END,
       CASE WHEN $1::text = 'retrying' THEN at END, CASE WHEN $4::boolean THEN at END, at, at
     FROM generate_series(1, $3::int) AS n, LATERAL (SELECT now() - $2::float8 * interval '1 day' AS at) AS moment`,
    [status, days, count, alerted],
  );
}

/** Statuses of the remaining rows, each with its age in days, the youngest of a status first. */
export async function left(
  dataSource: DataSource,
  table: 'script_executions' | 'dead_letter_queue',
): Promise<string[]> {
  const age = table === 'script_executions' ? 'finished_at' : 'updated_at';
  const rows: { row: string }[] = await dataSource.query(
    `SELECT status || ' ' || extract(day FROM now() - ${age}) AS row FROM ${table} ORDER BY status, ${age} DESC`,
  );
  return rows.map(({ row }) => row);
}

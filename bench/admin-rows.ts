import type { DataSource } from 'typeorm';
import { v7 as uuid } from 'uuid';
import type { NewExecution } from '../lib/execution/execution.repository.js';
import { TypeOrmExecutionRepository } from '../lib/execution/typeorm-execution.repository.js';
import { OURS } from './durable-setup.js';

/** Number of executions in the table. */
export const EXECUTIONS = Number(process.env.BENCH_EXECUTIONS ?? 1_000_000);
export const LARGEST = 'tenant 0';
/** Days over which they are spread. */
const DAYS = 14;
const TENANTS = 200;
const SCRIPTS = 50;

/** The id of a tenant's script, made of the numbers of both. */
export const scriptId = (tenant: number, script: number): string =>
  `0198c0de-0000-7000-8000-${String(tenant * SCRIPTS + script).padStart(12, '0')}`;

/** A UUID of version 7 for a moment, like the ids of executions. */
const uuidAt = (moment: string): string =>
  `(lpad(to_hex((extract(epoch FROM ${moment}) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3)
    || '8' || substr(md5(random()::text), 1, 15))::uuid`;

const SCRIPT = `('0198c0de-0000-7000-8000-' || lpad((tenant * ${SCRIPTS} + n % ${SCRIPTS})::text, 12, '0'))::uuid`;

/** Drops the indexes of a table except its primary key, and makes them again when the table is full. */
async function withoutIndexes(
  dataSource: DataSource,
  table: string,
  fill: () => Promise<void>,
): Promise<void> {
  const indexes: { name: string; definition: string }[] = await dataSource.query(
    `SELECT indexname AS name, indexdef AS definition FROM pg_indexes
      WHERE schemaname = $1 AND tablename = $2 AND indexname NOT LIKE '%pkey'`,
    [OURS, table],
  );
  for (const { name } of indexes) await dataSource.query(`DROP INDEX ${OURS}."${name}"`);
  await fill();
  for (const { definition } of indexes) await dataSource.query(definition);
  await dataSource.query(`VACUUM ANALYZE ${OURS}.${table}`);
}

/**
 * Fills the table of executions as two weeks would: one tenant has half of them, 199 others share the rest. One execution in
 * fifty has failed, one in a hundred of those with a message that no other one has.
 */
export async function fillTables(dataSource: DataSource): Promise<void> {
  await dataSource.query(
    `INSERT INTO ${OURS}.scripts (id, tenant_id, name, event_types, status, degraded)
     SELECT ${SCRIPT}, 'tenant ' || tenant, 'Script ' || n, ARRAY['client.created'], 'active', n % 25 = 0
       FROM generate_series(0, ${TENANTS - 1}) tenant, generate_series(0, ${SCRIPTS - 1}) n`,
  );
  await withoutIndexes(dataSource, 'script_executions', async () => {
    await dataSource.query(
      `INSERT INTO ${OURS}.script_executions (id, tenant_id, script_id, script_version, event_id, event_type, occurred_at,
         depth, attempt, trigger, status, result, error_kind, error_message, error_line, error_alike, logs, duration_ms, cpu_ms, queue_ms,
         idempotency_key, dead_letter_id, started_at, finished_at)
       SELECT ${uuidAt('at')}, 'tenant ' || tenant, ${SCRIPT}, 1 + n % 3, md5('event ' || n), 'client.' ||
           (ARRAY['created', 'updated', 'deleted'])[1 + n % 3], at, 0, 1, CASE WHEN n % 500 = 0 THEN 'retry' ELSE 'event' END,
         CASE WHEN failed THEN 'failed' ELSE 'completed' END, '{"ok": true, "total": 1815}'::jsonb,
         CASE WHEN failed THEN CASE WHEN n % 7 = 0 THEN 'timeout' ELSE 'runtime' END END,
         CASE WHEN failed THEN CASE WHEN n % 100 = 0 THEN 'Cannot read ' || md5(n::text) ELSE 'Client ' || n || ' has no email' END END,
         CASE WHEN failed THEN 1 + n % 9 END,
         CASE WHEN failed THEN CASE WHEN n % 100 = 0 THEN 8 ELSE 7 END END,
         '[{"level": "info", "message": "client 1815 was looked at", "at": 1.5}]'::jsonb,
         5 + n % 90, 2 + n % 30, n % 200, md5('key ' || n),
         CASE WHEN n % 500 = 0 THEN ${uuidAt('at')} END, at, at + interval '20 ms'
       FROM (
         SELECT n, CASE WHEN n % 2 = 0 THEN 0 ELSE 1 + n % ${TENANTS - 1} END AS tenant, n % 50 = 49 OR n % 100 = 0 AS failed,
           now() - make_interval(secs => ${DAYS * 86_400} * (1 - n::float8 / ${EXECUTIONS})) AS at
           FROM generate_series(1, ${EXECUTIONS}) n
       ) made`,
    );
  });
  await dataSource.query(
    `INSERT INTO ${OURS}.script_statistics (hour, tenant_id, script_id, writer, completed, failed, duration_ms, queue_ms)
     SELECT date_trunc('hour', started_at), tenant_id, script_id, 0, count(*) FILTER (WHERE status = 'completed'),
       count(*) FILTER (WHERE status = 'failed'), sum(duration_ms), sum(queue_ms)
       FROM ${OURS}.script_executions GROUP BY 1, 2, 3`,
  );
  await dataSource.query(`VACUUM ANALYZE ${OURS}.script_statistics`);
  await withoutIndexes(dataSource, 'dead_letter_queue', async () => {
    await dataSource.query(
      `INSERT INTO ${OURS}.dead_letter_queue (id, tenant_id, script_id, script_version, event_id, event_type, event_data,
         occurred_at, cause, reason, error, error_kind, status, next_retry_at, attempts, created_at, updated_at)
       SELECT ${uuidAt('started_at')}, tenant_id, script_id, script_version, event_id, event_type, '{"clientId": 1815}', started_at, '{}', 'failed',
         error_message, error_kind, s, CASE WHEN s = 'pending' THEN started_at END, '[]', started_at, started_at
       FROM (SELECT *, (ARRAY['resolved', 'resolved', 'resolved', 'discarded', 'exhausted', 'pending'])[1 + floor(random() * 6)::int] AS s
               FROM ${OURS}.script_executions WHERE status = 'failed') failed`,
    );
  });
  await dataSource.query(`VACUUM ANALYZE ${OURS}.scripts`);
}

/** Writes records through the repository, as a busy minute does. Returns the bytes that each adds to the server's log. */
export async function logOfRecord(dataSource: DataSource, records = 20_000): Promise<number> {
  const repository = new TypeOrmExecutionRepository(dataSource);
  await dataSource.query('CHECKPOINT');
  const before = await walPosition(dataSource);
  for (let left = records; left > 0; left -= 100)
    await repository.insertMany(Array.from({ length: 100 }, (_, n) => record(n)));
  return ((await walPosition(dataSource)) - before) / records;
}

function record(n: number): NewExecution {
  const now = new Date().toISOString();
  const eventId = uuid();
  const script = scriptId(0, n % SCRIPTS);
  return {
    id: uuid(),
    tenantId: LARGEST,
    scriptId: script,
    scriptVersion: 1,
    eventId,
    eventType: 'client.created',
    occurredAt: now,
    actorId: null,
    depth: 0,
    causeEventId: null,
    causeExecutionId: null,
    inputText: null,
    attempt: 1,
    trigger: 'event',
    status: 'completed',
    resultText: '{"ok":true,"total":1815}',
    error: null,
    logs: [{ level: 'info', message: 'client 1815 was looked at', at: 1.5 }],
    logsDropped: 0,
    publishedEvents: 0,
    bindingCalls: 0,
    durationMs: 12.25,
    cpuMs: 3.5,
    queueMs: 0.75,
    idempotencyKey: `${LARGEST}:${script}:${eventId}`,
    deadLetterId: null,
    requestedBy: null,
    replayOf: null,
    startedAt: now,
    finishedAt: now,
  };
}

async function walPosition(dataSource: DataSource): Promise<number> {
  const [row] = await dataSource.query<{ position: string }[]>(
    `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS position`,
  );
  return Number(row?.position);
}

/** Megabytes of each index of the table. */
export const indexSizes = (dataSource: DataSource): Promise<{ name: string; mb: number }[]> =>
  dataSource.query(
    `SELECT indexrelname AS name, round(pg_relation_size(indexrelid) / 1e6, 1)::float8 AS mb FROM pg_stat_user_indexes
      WHERE schemaname = $1 AND relname = 'script_executions' ORDER BY 1`,
    [OURS],
  );

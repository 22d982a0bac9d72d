import { DataSource } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { GraphileWorkerEventBuffer } from '../lib/buffer/durable/graphile-worker.event-buffer.js';
import type { GraphileWorkerEventBufferOptions } from '../lib/buffer/durable/graphile-worker.options.js';
import { TypeOrmDurableDatabase } from '../lib/buffer/durable/typeorm-durable.database.js';
import type { QueuedEvent } from '../lib/buffer/queued-event.js';
import { SCRIPTS_EVENT_ENTITIES } from '../lib/entities/index.js';
import { SCRIPTS_EVENT_MIGRATIONS } from '../migrations/index.js';

/** Schemas of the benchmark, which are dropped at its end. */
export const OURS = 'bench_scripts_event';
export const ENGINE = 'bench_scripts_event_worker';
export const BARE = 'bench_bare_worker';

/** An open DataSource on the benchmark's schema. */
async function connect(url: string): Promise<DataSource> {
  return new DataSource({
    type: 'postgres',
    url,
    schema: OURS,
    entities: SCRIPTS_EVENT_ENTITIES,
    migrations: SCRIPTS_EVENT_MIGRATIONS,
    extra: { options: `-c search_path=${OURS}`, max: 12 },
  }).initialize();
}

/** Makes empty schemas and runs our migrations in them. */
export async function prepare(url: string): Promise<DataSource> {
  const dataSource = await connect(url);
  await drop(dataSource);
  await dataSource.query(`CREATE SCHEMA ${OURS}`);
  await dataSource.runMigrations();
  return dataSource;
}

/** Removes everything that the benchmark made. */
export async function drop(dataSource: DataSource): Promise<void> {
  for (const schema of [OURS, ENGINE, BARE])
    await dataSource.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
}

/** A buffer with the settings of a production node. */
export function bufferOf(
  dataSource: DataSource,
  workerCount: number,
  options: Partial<GraphileWorkerEventBufferOptions> = {},
): GraphileWorkerEventBuffer {
  return new GraphileWorkerEventBuffer(new TypeOrmDurableDatabase(dataSource), {
    workerCount,
    runsPerScript: () => workerCount,
    schema: ENGINE,
    ...options,
  });
}

/** A queued event with a payload of usual size. */
export function event(part: Partial<QueuedEvent> = {}): QueuedEvent {
  const id = uuid();
  return {
    id,
    type: 'client.created',
    tenantId: 'acme',
    scriptId: '0198c0de-0000-7000-8000-000000000001',
    payload: '{"clientId":1815,"name":"Ada Lovelace","email":"ada@example.com"}',
    occurredAt: new Date().toISOString(),
    actor: null,
    cause: { rootEventId: id, depth: 0, budget: 1000, chain: [] },
    attempt: 1,
    enqueuedAt: Date.now(),
    ...part,
  };
}

/** The median and the 95th percentile. */
export function percentiles(values: number[]): { p50: number; p95: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95) };
}

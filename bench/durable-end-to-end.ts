import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { bufferOf, event } from './durable-setup.js';
import { runInFreshIsolate } from './fresh-isolate.js';

/** A script of usual size: it logs a line and returns a number. */
const SOURCE = `sdk.log.info('A client', { id: ctx.input.clientId }); return ctx.input.clientId * 2;`;

/** Stores the script that runs for the events of the benchmark. Returns its id. */
export async function storeScript(dataSource: DataSource): Promise<string> {
  const id = uuid();
  await dataSource.query(
    `INSERT INTO scripts (id, tenant_id, name, event_types, status, revision)
      VALUES ($1, 'acme', 'bench', '{client.created}', 'active', 0)`,
    [id],
  );
  await dataSource.query(
    `INSERT INTO script_versions (script_id, version, tenant_id, source, checksum) VALUES ($1, 1, 'acme', $2, '')`,
    [id, SOURCE],
  );
  return id;
}

/** The result of one round of executions. */
export interface EndToEnd {
  perSecond: number;
  /** Kilobytes of the server's write-ahead log that one execution takes, from the queue to the record. */
  walKb: number;
}

/** Measures executions on applications in their own processes, from the first start to the last stored end. */
export async function endToEnd(
  url: string,
  dataSource: DataSource,
  scriptId: string,
  size: { nodes: number; events: number },
): Promise<EndToEnd> {
  await dataSource.query('TRUNCATE script_executions');
  const nodes = await Promise.all(Array.from({ length: size.nodes }, () => startNode(url)));
  const writer = bufferOf(dataSource, 1);
  const walBefore = await walPosition(dataSource);
  for (let left = size.events; left > 0; left -= 500) {
    const events = Array.from({ length: Math.min(500, left) }, () => event({ scriptId }));
    await writer.enqueueIn(dataSource.manager, events);
  }
  while ((await completed(dataSource)) < size.events) await sleep(100);
  const walBytes = (await walPosition(dataSource)) - walBefore;
  const [row] = await dataSource.query<{ seconds: number }[]>(
    `SELECT extract(epoch FROM max(finished_at) - min(started_at))::float8 AS seconds FROM script_executions`,
  );
  await writer.stop(1_000);
  await Promise.all(nodes.map(stopNode));
  return { perSecond: size.events / (row?.seconds ?? Number.NaN), walKb: walBytes / 1024 / size.events };
}

async function walPosition(dataSource: DataSource): Promise<number> {
  const [row] = await dataSource.query<{ position: string }[]>(
    `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS position`,
  );
  return Number(row?.position);
}

async function completed(dataSource: DataSource): Promise<number> {
  const [row] = await dataSource.query<{ count: number }[]>(
    `SELECT count(*)::int AS count FROM script_executions WHERE status = 'completed'`,
  );
  return row?.count ?? 0;
}

async function startNode(url: string): Promise<ChildProcess> {
  const node = fork(join(__dirname, 'durable-node.js'), {
    env: { ...process.env, BENCH_DATABASE_URL: url },
    execArgv: [],
  });
  await once(node, 'message');
  return node;
}

async function stopNode(node: ChildProcess): Promise<void> {
  node.send('stop');
  await once(node, 'exit');
}

/** Does what a team writes into a job by hand: runs the same script in a fresh isolate of the worker's own process. */
export function runByHand(): void {
  runInFreshIsolate(SOURCE, { clientId: 1815, name: 'Ada Lovelace' });
}

import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { DataSource } from 'typeorm';
import { SystemClock } from '../lib/common/clock.js';
import { FilterIndex, parseFilter } from '../lib/filters/index.js';
import { OrderingSupport } from '../lib/scripts/ordering-support.js';
import { ScriptIndex } from '../lib/scripts/script-index.js';
import { ScriptIndexSync } from '../lib/scripts/script-index.sync.js';
import { ScriptSources } from '../lib/scripts/script-sources.js';
import { TypeOrmActiveScripts } from '../lib/scripts/typeorm-active-scripts.js';
import { TypeOrmNodeChannel } from '../lib/nodes/typeorm-node-channel.js';
import { TypeOrmScriptRepository } from '../lib/scripts/typeorm-script.repository.js';
import { startEmbeddedPostgres } from '../sample-app/src/database/embedded-postgres.js';
import { drop, OURS, prepare } from './durable-setup.js';
import { RoutingMix } from './routing-mix.js';

/**
 * Measures the script index with 100,000 scripts of 1,000 tenants on a real PostgreSQL: its start, its memory, and how soon
 * changes take effect. See bench/README.md.
 */
const SCRIPTS = Number(process.env.BENCH_SCRIPTS ?? 100_000);
const TENANTS = 1_000;
const BULK = SCRIPTS / 10;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const heapBytes = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

/** Milliseconds between two measurements of the event loop. */
const LOOK_MS = 5;

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/**
 * Prints how long `work` takes, how much processor time this process uses, and the longest time for which the event loop is
 * blocked: by the clock, and in processor time, which other work on the machine hardly changes.
 */
async function watched(name: string, work: () => Promise<void>): Promise<void> {
  let [at, used] = [performance.now(), cpuMs()];
  const longest = { ms: 0, cpu: 0 };
  const look = (): void => {
    const [now, spent] = [performance.now(), cpuMs()];
    const stood = now - at - LOOK_MS;
    longest.ms = Math.max(longest.ms, stood);
    longest.cpu = Math.max(longest.cpu, Math.min(stood, spent - used));
    [at, used] = [now, spent];
  };
  const timer = setInterval(look, LOOK_MS);
  const [began, before] = [at, used];
  await work();
  const figures = [performance.now() - began, cpuMs() - before];
  look();
  clearInterval(timer);
  const columns = [...figures, longest.ms, longest.cpu].map((each) => each.toFixed(0).padStart(8));
  console.log(`${name.padEnd(48)} ${columns.join(' ')}`);
}

async function insertScripts(dataSource: DataSource): Promise<object[]> {
  const filters = new RoutingMix(SCRIPTS).filters().map(({ ours }) => ours);
  for (let from = 0; from < SCRIPTS; from += 5_000)
    await dataSource.query(
      `WITH made AS (
         INSERT INTO ${OURS}.scripts (id, tenant_id, name, event_types, filters, status)
         SELECT gen_random_uuid(), 'tenant ' || (n % ${TENANTS}), 'Script ' || n, ARRAY['type.' || (n % 10)], f::jsonb, 'active'
         FROM unnest($1::text[]) WITH ORDINALITY AS given(f, at), LATERAL (SELECT at + $2::integer AS n) numbered
         RETURNING id, tenant_id)
       INSERT INTO ${OURS}.script_versions (script_id, version, tenant_id, source, language, checksum, created_by)
       SELECT id, 1, tenant_id, 'return ctx.input.amount;', 'javascript', 'none', 'bench' FROM made`,
      [filters.slice(from, from + 5_000).map((filter) => JSON.stringify(filter)), from],
    );
  return filters;
}

/** Bytes that one filter takes by itself, in as many filter indexes as the script index has. */
function bytesOfFilters(filters: readonly object[]): number {
  const before = heapBytes();
  const indexes = Array.from({ length: TENANTS * 10 }, () => new FilterIndex<number>());
  for (const [at, filter] of filters.entries())
    indexes[(at % TENANTS) * 10 + (at % 10)]!.add(at, parseFilter(filter));
  const bytes = heapBytes() - before;
  return indexes.length > 0 ? bytes / filters.length : 0;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

interface Node {
  index: ScriptIndex;
  sync: ScriptIndexSync;
}

function nodeOn(dataSource: DataSource, listen: boolean): Node {
  const index = new ScriptIndex(new OrderingSupport(() => true));
  const sync = new ScriptIndexSync(
    index,
    new TypeOrmActiveScripts(dataSource),
    new TypeOrmNodeChannel(dataSource),
    { pollIntervalMs: listen ? 60_000 : 800, listen },
    new SystemClock(),
    new ScriptSources(new TypeOrmScriptRepository(dataSource, SCRIPTS)),
  );
  return { index, sync };
}

async function changes(dataSource: DataSource, by: string, { index, sync }: Node): Promise<void> {
  const [{ id }] = await dataSource.query(`SELECT id FROM ${OURS}.scripts LIMIT 1`);
  const name = `Renamed, ${by}`;
  await watched(`one changed script, ${by}`, async () => {
    await dataSource.query(`UPDATE ${OURS}.scripts SET name = $1 WHERE id = $2`, [name, id]);
    await until(() => index.nameOf(id) === name);
  });
  const type = `bulk.${by.replaceAll(' ', '')}`;
  await watched(`${BULK} changed scripts, ${by}`, async () => {
    await dataSource.query(
      `UPDATE ${OURS}.scripts SET event_types = ARRAY[$1] WHERE id IN (SELECT id FROM ${OURS}.scripts ORDER BY id LIMIT ${BULK})`,
      [type],
    );
    await until(() => index.stats().eventTypes > 0 && bulkArrived(index, type));
  });
  await sync.stop();
}

/** Whether each tenant has its ten scripts in the index, so that the last one has arrived. */
function bulkArrived(index: ScriptIndex, type: string): boolean {
  let listening = 0;
  for (let tenant = 0; tenant < TENANTS; tenant++)
    listening += index.ask(type, `tenant ${tenant}`, () => ({}))?.size ?? 0;
  return listening === BULK;
}

async function main(): Promise<void> {
  const server = process.env.TEST_DATABASE_URL ? undefined : await startEmbeddedPostgres({});
  const dataSource = await prepare(process.env.TEST_DATABASE_URL ?? server?.url ?? '');
  try {
    const filters = await insertScripts(dataSource);
    await dataSource.query(`ANALYZE ${OURS}.scripts`);
    console.log(`Node.js ${process.version}, ${availableParallelism()} cores, ${SCRIPTS} scripts\n`);
    console.log(`${''.padEnd(48)}       ms   cpu ms stall ms   of cpu`);
    const ofFilters = bytesOfFilters(filters);
    const before = heapBytes();
    const node = nodeOn(dataSource, true);
    await watched('start', () => node.sync.start());
    const bytes = (heapBytes() - before) / SCRIPTS;
    const began = performance.now();
    const { scripts } = node.index.stats();
    console.log(
      `bytes a script with its filter: ${bytes.toFixed(0)}, beside its filter: ${(bytes - ofFilters).toFixed(0)}; ` +
        `stats() of ${scripts} scripts: ${((performance.now() - began) * 1_000).toFixed(0)} µs`,
    );
    await until(() => node.sync.freshness.listening);
    await changes(dataSource, 'heard', node);
    const polling = nodeOn(dataSource, false);
    await polling.sync.start();
    await changes(dataSource, 'polled', polling);
  } finally {
    await drop(dataSource);
    await dataSource.destroy();
    await server?.stop();
  }
}

void main();

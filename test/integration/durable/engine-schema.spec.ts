import { Pool } from 'pg';
import { installDurableBuffer } from '../../../lib/buffer/durable/install-durable-buffer.js';
import { TABLES_CHANGED } from '../../../lib/buffer/durable/engine/engine-schema.js';
import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { queuedEvent } from '../../support/queued-events.js';
import { waitFor } from '../../support/wait-for.js';

describe("the engine's tables", () => {
  let cluster: DurableCluster;

  beforeEach(async () => (cluster = await durableCluster('here')));
  afterEach(() => cluster.dispose());

  const installed = () =>
    cluster.count('SELECT FROM pg_tables WHERE schemaname = $1', [cluster.engine.replaceAll('"', '')]);

  it('are installed at the start, also when two nodes start at the same time', async () => {
    const nodes = [await cluster.node(), await cluster.node()];
    const seen: string[] = [];
    await Promise.all(nodes.map((node) => node.start(async ({ id }) => void seen.push(id))));
    expect(await installed()).toBeGreaterThan(3);
    nodes[1]?.enqueue([queuedEvent({ id: 'first' })]);
    await waitFor('it ran', () => seen.includes('first'));
  });

  it('are not installed if the option leaves them to a migration; the start then fails and says what is missing', async () => {
    const node = await cluster.node({ installSchema: false });
    await expect(node.start(async () => undefined)).rejects.toMatchObject({
      code: 'engine-schema',
      message: expect.stringContaining('Call installDurableBuffer() in a migration'),
    });
    expect(await installed()).toBe(0);
    const schema = cluster.engine.replaceAll('"', '');
    await installDurableBuffer(cluster.schema.dataSource, { schema });
    await installDurableBuffer(cluster.schema.dataSource, { schema });
    await node.start(async () => undefined);
    expect(node.healthy).toBe(true);
  });

  it('make the start fail if they are not those of a tested version, with the missing column and the versions', async () => {
    await installDurableBuffer(cluster.schema.dataSource, { schema: cluster.engine.replaceAll('"', '') });
    await cluster.schema.dataSource.query(
      `ALTER TABLE ${cluster.engine}._private_jobs RENAME COLUMN locked_at TO locked_since`,
    );
    const node = await cluster.node({ installSchema: false });
    await expect(node.start(async () => undefined)).rejects.toMatchObject({
      code: 'engine-schema',
      message: expect.stringMatching('has no column locked_at: .* tested with 0.17.3 and 0.18.0'),
    });
  });

  it('of another application can be installed in the same database while this node keeps its lease', async () => {
    const node = await cluster.node();
    await node.start(async () => undefined);
    const nodes = 'SELECT FROM scripts_event_nodes WHERE id = $1';
    const [{ id } = { id: '' }] = await cluster.schema.dataSource.query<{ id: string }[]>(
      'SELECT id FROM scripts_event_nodes',
    );
    const schema = `${cluster.engine.replaceAll('"', '')}_other`;
    await installDurableBuffer(cluster.schema.dataSource, { schema });
    // Notifications come in order. When this event has run, the node has handled those of the installation.
    node.enqueue([queuedEvent()]);
    expect(await node.drain(60_000)).toBe(true);
    expect(await cluster.count(nodes, [id])).toBe(1);
    await cluster.schema.dataSource.query(`DROP SCHEMA "${schema}" CASCADE`);
  });

  it("are installed while the host's own graphile-worker in the same database goes on running jobs", async () => {
    const own = `${cluster.engine.replaceAll('"', '')}_own`;
    const { url } = cluster.schema.dataSource.options as { url: string };
    const pool = new Pool({ connectionString: url });
    for (const name of ['error', 'connect'] as const) pool.on(name, () => undefined);
    const ran: unknown[] = [];
    const task = async (payload: unknown) => void ran.push(payload);
    const { Logger, makeWorkerUtils, runMigrations, runTaskList } = await import('graphile-worker');
    const options = {
      schema: own,
      pgPool: pool,
      noHandleSignals: true,
      logger: new Logger(() => () => undefined),
    };
    await runMigrations(options);
    const workers = runTaskList(options, { greet: task }, pool);
    const utils = await makeWorkerUtils(options);
    await utils.addJob('greet', 'before');
    await waitFor('a job before it', () => ran.length === 1);

    const node = await cluster.node();
    await node.start(async () => undefined);
    // Notifications come in order. When this event has run, the host's worker has got those of the installation.
    node.enqueue([queuedEvent()]);
    expect(await node.drain(60_000)).toBe(true);
    await utils.addJob('greet', 'after');
    await waitFor('a job after it', () => ran.length === 2);
    expect(ran).toEqual(['before', 'after']);

    await workers.gracefulShutdown();
    await utils.release();
    await pool.end();
    await cluster.schema.dataSource.query(`DROP SCHEMA "${own}" CASCADE`);
  });

  it('make a node leave the queue when another node reports that it has installed a newer version', async () => {
    const node = await cluster.node({ leaseMs: 600_000 });
    await node.start(async () => undefined);
    const { dataSource } = cluster.schema;
    await dataSource.query(`INSERT INTO ${cluster.engine}.migrations (id, breaking) VALUES (999, true)`);
    // Repeated, because the node may not listen yet.
    await waitFor('it has left', async () => {
      await dataSource.query('SELECT pg_notify($1, $2)', [TABLES_CHANGED, '{"migrationNumber":999}']);
      return !node.healthy;
    });
    expect(node.healthy).toBe(false);
  });

  it('of another application make the start fail, because its events would seem to belong to deleted scripts', async () => {
    const other = await durableCluster('here');
    const schema = cluster.engine.replaceAll('"', '');
    const [ours, theirs] = [await cluster.node(), await other.node({ schema })];
    const ran: string[] = [];
    await ours.start(async ({ id }) => void ran.push(id));
    await expect(theirs.start(async () => void ran.push('elsewhere'))).rejects.toMatchObject({
      code: 'engine-schema',
      message: expect.stringMatching(`${cluster.schema.name}.*Set buffer.schema to another name`),
    });
    await ours.enqueueIn(cluster.schema.dataSource.manager, [queuedEvent({ id: 'ours' })]);
    await waitFor('it ran', () => ran.length === 1);
    expect(ran).toEqual(['ours']);
    // Nodes of the first application can start again.
    await (await cluster.node()).start(async () => undefined);
    await other.dispose();
  });

  it('make a node leave the queue without ending the process when the engine reports a newer version', async () => {
    const node = await cluster.node({ leaseMs: 1_000 });
    await node.start(async () => undefined);
    await cluster.schema.dataSource.query(
      `INSERT INTO ${cluster.engine}.migrations (id, breaking) VALUES (999, true)`,
    );
    await cluster.schema.dataSource.query(
      `SELECT pg_notify('worker:migrate', '{"migrationNumber":999,"breaking":true}')`,
    );
    await waitFor('it has left', () => !node.healthy);
    await node.enqueueIn(cluster.schema.dataSource.manager, [queuedEvent()]);
    await waitFor(
      'its lease ran out',
      async () => (await cluster.count('SELECT FROM scripts_event_nodes WHERE expires_at > now()')) === 0,
    );
    expect(process.exitCode).toBeUndefined();
  });
});

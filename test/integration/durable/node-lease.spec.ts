import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { queuedEvent } from '../../support/queued-events.js';
import type { Tamper } from '../../support/tampered-database.js';
import { Gate, waitFor } from '../../support/wait-for.js';
import { limitTests } from '../../support/time-limits.js';

limitTests('busy');

/** A network that a test can cut: statements under way never end, and new ones fail. */
class Network {
  private cut = false;
  unplug = () => (this.cut = true);
  plug = () => (this.cut = false);
  readonly tamper: Tamper = async (send) => {
    if (this.cut) throw new Error('the network is cut');
    const result = await send();
    if (this.cut) throw new Error('the network was cut before the answer came');
    return result;
  };
}

const ENDED = 'SELECT FROM scripts_event_nodes WHERE expires_at <= now()';

/** The time limit of a stop. The engine ends within it even on a busy machine; a hanging statement is given up after it. */
const ENDS_MS = 3_000;

describe('the lease of a node', () => {
  let cluster: DurableCluster;

  beforeEach(async () => (cluster = await durableCluster()));
  afterEach(() => cluster.dispose());

  const nodes = () => cluster.count('SELECT FROM scripts_event_nodes');

  it('is taken at the start and returned at the stop', async () => {
    const node = await cluster.node();
    await node.start(async () => undefined);
    expect(await nodes()).toBe(1);
    await node.stop(1_000);
    expect(await nodes()).toBe(0);
  });

  it('is returned at a stop that does not wait for a hanging statement', async () => {
    const node = await cluster.node();
    await node.start(async () => undefined);
    const migration = cluster.schema.dataSource.createQueryRunner();
    await migration.startTransaction();
    await migration.query('LOCK TABLE scripts_event_waiting IN ACCESS EXCLUSIVE MODE');
    const hanging = `SELECT FROM pg_locks WHERE NOT granted AND relation = 'scripts_event_waiting'::regclass
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    await waitFor('a statement of the node hangs', () => cluster.count(hanging));
    let stopped = false;
    const stopping = node.stop(ENDS_MS).then(() => (stopped = true));
    await waitFor('it has stopped', () => stopped);
    expect(await nodes()).toBe(0);
    await migration.rollbackTransaction();
    await migration.release();
    await stopping;
  });

  it('is returned at a stop that does not wait for a connection that is never returned to the pool', async () => {
    let losing = false;
    let lost = 0;
    const node = await cluster.node({}, async (send, text) => {
      const answer = await send();
      if (losing && text === '' && lost === 0) {
        lost += 1;
        throw new Error('nobody has this connection');
      }
      return answer;
    });
    await node.start(async () => undefined);
    losing = true;
    await waitFor('a connection is lost', () => lost === 1);
    await node.stop(ENDS_MS);
    expect(await nodes()).toBe(0);
  });

  it('ends when its node has died, and its jobs, slots and turns go to another node', async () => {
    const { dataSource } = cluster.schema;
    const first = await cluster.node();
    await first.start(async () => undefined);
    await first.stop(1_000);
    // A killed node leaves jobs locked under its name, and a lease that nobody prolongs.
    const second = await cluster.node();
    const seen: [string, number][] = [];
    await dataSource.query(
      `SELECT ${cluster.engine}.add_job('scripts-event', json_build_object('v', 1, 'e', $1::json))`,
      [JSON.stringify(queuedEvent({ id: 'orphan' }))],
    );
    await dataSource.query(
      `UPDATE ${cluster.engine}._private_jobs SET locked_by = 'dead', locked_at = now(), attempts = 1`,
    );
    await dataSource.query(
      `INSERT INTO scripts_event_nodes (id, queue, expires_at) VALUES ('dead', $1, now() + interval '300 milliseconds')`,
      [cluster.engine.replaceAll('"', '')],
    );
    await dataSource.query(
      `INSERT INTO scripts_event_slots (lane, slot, node_id) VALUES ('s:any', 0, 'dead')`,
    );
    await second.start(async ({ id }, _, delivery) => void seen.push([id, delivery]));
    await waitFor('the orphan ran', () => seen.length === 1);
    expect(seen).toEqual([['orphan', 2]]);
    expect(await cluster.count('SELECT FROM scripts_event_slots WHERE node_id IS NOT NULL')).toBe(0);
    expect(await nodes()).toBe(1);
  });

  it('keeps the jobs of a living node from other nodes, however long a script runs', async () => {
    const leaseMs = 4_000;
    const [first, second] = [await cluster.node({ leaseMs }), await cluster.node({ leaseMs })];
    const runs: string[] = [];
    const gate = new Gate();
    const process = (name: string) => async () => {
      runs.push(name);
      await gate.opened;
    };
    await first.start(process('first'));
    await first.enqueueIn(cluster.schema.dataSource.manager, [queuedEvent()]);
    await waitFor('it runs', () => runs.length === 1);
    await second.start(process('second'));
    const beats = `SELECT FROM scripts_event_nodes WHERE seen_at > started_at + $1 * interval '1 millisecond'`;
    await waitFor(
      'both nodes have lived longer than a lease',
      async () => (await cluster.count(beats, [leaseMs * 1.1])) === 2,
    );
    expect(runs).toEqual(['first']);
    gate.open();
    expect(await first.drain(60_000)).toBe(true);
    expect(runs).toEqual(['first']);
  });

  it('ends when the node loses the database: the node starts nothing and aborts its runs before others take over, and rejoins', async () => {
    const network = new Network();
    const options = { workerCount: 2, runsPerScript: () => 2, leaseMs: 4_000 };
    const cutOff = await cluster.node(options, network.tamper);
    const other = await cluster.node();
    const log: string[] = [];
    try {
      await cutOff.start(
        ({ id: eventId }, signal) =>
          new Promise((resolve) => {
            log.push(`cut-off begins ${eventId}`);
            if (eventId !== 'long') return resolve();
            signal.addEventListener('abort', () => {
              log.push('cut-off aborts long');
              resolve();
            });
          }),
      );
      await cutOff.enqueueIn(cluster.schema.dataSource.manager, [queuedEvent({ id: 'long' })]);
      await waitFor('it runs', () => log.length === 1);
      await other.start(async ({ id }, _, delivery) => void log.push(`other begins ${id} ${delivery}`));
      network.unplug();
      await waitFor('the other node took over', () =>
        log.some((line) => line.startsWith('other begins long')),
      );
      // Delivered again, and once more if the machine was blocked for as long as a lease.
      const again = expect.stringMatching(/^other begins long [2-9]$/);
      expect(log).toEqual(['cut-off begins long', 'cut-off aborts long', again]);
      expect(cutOff.healthy).toBe(false);

      network.plug();
      await waitFor('it is back', () => cutOff.healthy);
      await other.stop(1_000);
      cutOff.enqueue([queuedEvent({ id: 'later' })]);
      await waitFor('it works again', () => log.includes('cut-off begins later'));
    } finally {
      await cutOff.stop(2_000);
    }
  });

  it('is not taken again by a node that is closing, which begins nothing new', async () => {
    const network = new Network();
    const closing = await cluster.node({ leaseMs: 1_000 }, network.tamper);
    const ran: string[] = [];
    await closing.start(async () => void ran.push('closing'));
    network.unplug();
    // Asks the database, because in the last tenth of its lease a node begins nothing but still renews it.
    await waitFor('it has lost its lease', () => cluster.count(ENDED));
    closing.close();
    network.plug();
    const other = await cluster.node();
    await other.start(async () => void ran.push('other'));
    const beats = `SELECT FROM scripts_event_nodes WHERE seen_at > started_at + interval '1500 milliseconds'`;
    await waitFor('it had time to come back', () => cluster.count(beats));
    expect(closing.healthy).toBe(false);
    await other.enqueueIn(cluster.schema.dataSource.manager, [queuedEvent()]);
    await waitFor('it ran', () => ran.length === 1);
    expect(ran).toEqual(['other']);
  });

  it('makes late results count for nothing after another node has ended it: the event runs again', async () => {
    const node = await cluster.node();
    const deliveries: number[] = [];
    const gate = new Gate();
    await node.start(async (_, __, delivery) => {
      deliveries.push(delivery);
      if (delivery === 1) await gate.opened;
    });
    await node.enqueueIn(cluster.schema.dataSource.manager, [queuedEvent()]);
    await waitFor('it runs', () => deliveries.length === 1);
    // As after a pause of the node: another node has found its lease over, and has freed its job.
    await cluster.schema.dataSource.query(`DELETE FROM scripts_event_nodes`);
    await waitFor('the node has noticed', () => !node.healthy);
    gate.open();
    await waitFor('the event came again', async () => {
      await cluster.schema.dataSource.query(
        `UPDATE ${cluster.engine}._private_jobs SET locked_by = NULL, locked_at = NULL
          WHERE locked_by NOT IN (SELECT id FROM scripts_event_nodes)`,
      );
      return deliveries.length === 2;
    });
    expect(deliveries).toEqual([1, 2]);
    expect(await node.drain(60_000)).toBe(true);
  });
});

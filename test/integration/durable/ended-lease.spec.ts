import type { RunLease } from '../../../lib/common/run-lease.js';
import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { queuedEvent } from '../../support/queued-events.js';
import type { Tamper } from '../../support/tampered-database.js';
import { Gate, waitFor } from '../../support/wait-for.js';

const SCRIPT = '0198c0de-0000-7000-8000-00000000000a';

/** As after a sleep of the machine: the node considers its lease valid, and asks the database only after an hour. */
const BELIEVING = { heartbeatMs: 3_600_000, leaseMs: 3 * 3_600_000 };

/** Counts the answered statements of a kind. */
class Answered {
  count = 0;
  constructor(private readonly kind: RegExp) {}
  readonly tamper: Tamper = async (send, text) => {
    const answer = await send();
    if (this.kind.test(text)) this.count += 1;
    return answer;
  };
}

describe('a node that does not know that its lease has ended', () => {
  let cluster: DurableCluster;

  beforeEach(async () => (cluster = await durableCluster()));
  afterEach(() => cluster.dispose());

  const endLeases = () =>
    cluster.schema.dataSource.query(`UPDATE scripts_event_nodes SET expires_at = now()`);
  const locked = () =>
    cluster.count(`SELECT FROM ${cluster.engine}._private_jobs WHERE locked_by IS NOT NULL`);

  it('fetches no jobs', async () => {
    const fetches = new Answered(/skip\s+locked/);
    const node = await cluster.node({ ...BELIEVING, pollMs: 50 }, fetches.tamper);
    let ran = 0;
    await node.start(async () => void (ran += 1));
    await endLeases();
    await node.enqueueIn(cluster.schema.dataSource.manager, [queuedEvent()]);
    const before = fetches.count;
    await waitFor('it has looked for jobs', () => fetches.count > before + 3);
    expect(await locked()).toBe(0);
    expect(ran).toBe(0);
    const other = await cluster.node();
    await other.start(async () => void (ran += 1));
    await waitFor('another node runs it', () => ran === 1);
  });

  it('takes no turn of an ordering key and no slot of a limit for a job that it has already', async () => {
    const slots = new Answered(/scripts_event_slots/);
    const turns = new Answered(/scripts_event_ordered/);
    const held = new Gate();
    let asked = 0;
    const limit = { scriptRuns: 1 };
    const node = await cluster.node(
      { ...BELIEVING, sharedLimits: ({ scriptId }) => (scriptId === SCRIPT ? limit : {}) },
      async (send, text) => {
        const taking = /^WITH (lease|taken) AS/.test(text);
        if (taking) {
          asked += 1;
          await held.opened;
        }
        return turns.tamper(() => slots.tamper(send, text), text);
      },
    );
    let ran = 0;
    await node.start(async () => void (ran += 1));
    const { manager } = cluster.schema.dataSource;
    await node.enqueueIn(manager, [
      queuedEvent({ scriptId: SCRIPT }),
      queuedEvent({ scriptId: 'ordered', ordering: { key: 'a', onFailure: 'skip' } }),
    ]);
    await waitFor('it asks for both', () => asked === 2);
    await endLeases();
    const before = { slots: slots.count, turns: turns.count };
    held.open();
    await waitFor('both are answered', () => slots.count > before.slots && turns.count > before.turns);
    expect(await cluster.count('SELECT FROM scripts_event_slots WHERE node_id IS NOT NULL')).toBe(0);
    expect(await cluster.count(`SELECT FROM scripts_event_ordered WHERE state = 'running'`)).toBe(0);
    expect(ran).toBe(0);
  });

  it('refuses each run that asks before a call of a binding, and aborts it', async () => {
    const node = await cluster.node(BELIEVING);
    const leases: RunLease[] = [];
    const gate = new Gate();
    let aborted = false;
    await node.start(async (_event, signal, _delivery, lease) => {
      if (leases.push(lease!) > 1) return;
      signal.addEventListener('abort', () => (aborted = true));
      await gate.opened;
    });
    await node.enqueueIn(cluster.schema.dataSource.manager, [queuedEvent()]);
    await waitFor('it runs', () => leases.length === 1);
    await leases[0]!.assure();
    await endLeases();
    await expect(leases[0]!.assure()).rejects.toMatchObject({ code: 'lease-lost' });
    expect(aborted).toBe(true);
    gate.open();
    // The event runs again on the other node, with a greater token.
    const other = await cluster.node();
    await other.start(async (_event, _signal, _delivery, lease) => void leases.push(lease!));
    await waitFor('it ran again', () => leases.length === 2);
    expect(leases[1]!.fencingToken).toBeGreaterThan(leases[0]!.fencingToken);
  });

  it('makes jobs locked under its name free for other nodes after it was found dead, also those locked later', async () => {
    const { dataSource } = cluster.schema;
    const [first, second] = [await cluster.node({ leaseMs: 4_000 }), await cluster.node()];
    const ran: string[] = [];
    await first.start(async ({ id }) => void ran.push(id));
    await dataSource.query(
      `INSERT INTO scripts_event_nodes (id, queue, expires_at) VALUES ('dead', $1, now())`,
      [cluster.engine.replaceAll('"', '')],
    );
    await waitFor(
      'it was found dead',
      async () => (await cluster.count('SELECT FROM scripts_event_nodes')) === 1,
    );
    await first.stop(1_000);
    await second.enqueueIn(dataSource.manager, [queuedEvent({ id: 'stranded' })]);
    await dataSource.query(
      `UPDATE ${cluster.engine}._private_jobs SET locked_by = 'dead', locked_at = now(), attempts = 1`,
    );
    await second.start(async ({ id }) => void ran.push(id));
    await waitFor('it ran', () => ran.length > 0);
    expect(ran).toEqual(['stranded']);
  });
});

describe('fencing tokens', () => {
  let cluster: DurableCluster;

  beforeEach(async () => (cluster = await durableCluster()));
  afterEach(() => cluster.dispose());

  it.each([
    ['of one event', undefined],
    ['of one ordering key', { key: 'a', onFailure: 'skip' as const }],
  ])('increase with each delivery %s', async (_of, ordering) => {
    const node = await cluster.node({ workerCount: 1 });
    const tokens: number[] = [];
    await node.start(async (_event, _signal, delivery, lease) => {
      tokens.push(lease!.fencingToken);
      if (delivery < 3) throw new Error('storage is away');
    });
    const events = ordering ? ['one', 'two'] : ['one'];
    await node.enqueueIn(
      cluster.schema.dataSource.manager,
      events.map((id) => queuedEvent({ id, scriptId: SCRIPT, ordering })),
    );
    await waitFor('all ran', () => tokens.length === 3 * events.length);
    expect(tokens).toEqual([...new Set(tokens)].toSorted((a, b) => a - b));
    expect(tokens.every((token) => Number.isSafeInteger(token) && token > 0)).toBe(true);
  });
});

describe('a node that finds another one dead', () => {
  let cluster: DurableCluster;

  beforeEach(async () => (cluster = await durableCluster()));
  afterEach(() => cluster.dispose());

  it('looks for jobs locked by a node that does not exist, and runs them', async () => {
    const looks = new Answered(/locked_by IS NOT NULL AND NOT EXISTS/);
    const sweeps = new Answered(/least\(run_at, now\(\)/);
    const tamper: Tamper = (send, text, ...rest) =>
      looks.tamper(() => sweeps.tamper(send, text, ...rest), text, ...rest);
    const node = await cluster.node({ pollMs: 50, heartbeatMs: 100 }, tamper);
    const ran: string[] = [];
    await node.start(async ({ id }) => void ran.push(id));
    // The first two sweeps look for such jobs. The next look would follow only after minutes.
    await waitFor('it has swept some times', () => sweeps.count > 3);
    const before = looks.count;
    const { dataSource } = cluster.schema;
    await dataSource.transaction(async (manager) => {
      await node.enqueueIn(manager, [queuedEvent({ id: 'orphan' })]);
      await manager.query(`UPDATE ${cluster.engine}._private_jobs SET locked_by = 'gone', locked_at = now()`);
    });
    await node.enqueueIn(dataSource.manager, [queuedEvent({ id: 'marker' })]);
    await waitFor('what nobody has locked ran', () => ran.includes('marker'));
    expect({ ran, looks: looks.count }).toEqual({ ran: ['marker'], looks: before });
    await dataSource.query(
      `INSERT INTO scripts_event_nodes (id, queue, expires_at)
        SELECT 'dead', queue, now() - interval '1 minute' FROM scripts_event_nodes`,
    );
    await waitFor('the orphan ran', () => ran.includes('orphan'));
  });
});

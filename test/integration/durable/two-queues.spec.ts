import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { queuedEvent } from '../../support/queued-events.js';
import { Gate, waitFor } from '../../support/wait-for.js';
import { limitTests } from '../../support/time-limits.js';

limitTests('busy');

/** One application, started with two values of `buffer.schema`, so that heavy work has its own nodes. */
describe('two queues with the same tables of the package', () => {
  let cluster: DurableCluster;
  let heavy: string;

  beforeEach(async () => {
    cluster = await durableCluster();
    heavy = `${cluster.schema.name}_heavy`;
  });
  afterEach(async () => {
    await cluster.dispose();
    await cluster.schema.dataSource.query(`DROP SCHEMA IF EXISTS "${heavy}" CASCADE`);
  });

  it('leave the jobs of a dead node to nodes of its own queue', async () => {
    const { dataSource } = cluster.schema;
    const ran: string[] = [];
    const first = await cluster.node({ schema: heavy });
    await first.start(async () => undefined);
    await first.stop(1_000);
    await dataSource.query(
      `SELECT "${heavy}".add_job('scripts-event', json_build_object('v', 1, 'e', $1::json))`,
      [JSON.stringify(queuedEvent({ id: 'orphan' }))],
    );
    await dataSource.query(
      `UPDATE "${heavy}"._private_jobs SET locked_by = 'dead', locked_at = now(), attempts = 1`,
    );
    await dataSource.query(
      `INSERT INTO scripts_event_nodes (id, queue, expires_at) VALUES ('dead', $1, now() - interval '1 second')`,
      [heavy],
    );
    const light = await cluster.node();
    await light.start(async ({ id }) => void ran.push(`light ${id}`));
    const beats = `SELECT FROM scripts_event_nodes WHERE seen_at > started_at + interval '500 milliseconds'`;
    await waitFor('the other queue has looked', () => cluster.count(beats));

    const second = await cluster.node({ schema: heavy });
    await second.start(async ({ id }) => void ran.push(`heavy ${id}`));
    await waitFor('it ran', () => ran.length > 0);
    expect(ran).toEqual(['heavy orphan']);
  });

  it('keep an event that a limit holds back in its own queue', async () => {
    const ran: string[] = [];
    const gate = new Gate();
    const busy = await cluster.node({ schema: heavy, sharedLimits: () => ({ scriptRuns: 1 }) });
    await busy.start(async () => {
      ran.push('heavy');
      await gate.opened;
    });
    const light = await cluster.node();
    await light.start(async () => void ran.push('light'));
    await busy.enqueueIn(cluster.schema.dataSource.manager, [queuedEvent(), queuedEvent()]);
    await waitFor('one runs and the other one waits', () => busy.stats().limited?.['script-busy'] === 1);
    await light.enqueueIn(cluster.schema.dataSource.manager, [queuedEvent()]);
    await waitFor('the other queue works', () => ran.includes('light'));
    await waitFor('nothing waits there', () => light.stats().depth === 0);
    gate.open();
    await waitFor('all ran', () => ran.length === 3);
    expect(ran.toSorted()).toEqual(['heavy', 'heavy', 'light']);
  });
});

import type { DataSource } from 'typeorm';
import { durableEventBufferContract, type DurableEventBufferFixture } from '../../../lib/testing/index.js';
import type { EnqueueInOptions, QueuedEvent, SqlConnection } from '../../../lib/index.js';
import { createTestSchema } from '../../support/postgres.js';
import { TableEventBuffer } from '../../support/table.event-buffer.js';
import { waitFor } from '../../support/wait-for.js';

let dataSource!: DataSource;

/** Ignores the transaction that it is given. */
class Careless extends TableEventBuffer {
  override enqueueIn(_: SqlConnection | null, events: readonly QueuedEvent[], options?: EnqueueInOptions) {
    return super.enqueueIn(null, events, options);
  }
}

/** Says that it keeps the order, and doesn't. */
class Unordered extends TableEventBuffer {
  override readonly keepsOrder = true;
}

let Adapter: typeof TableEventBuffer = TableEventBuffer;

const fixture: DurableEventBufferFixture = {
  create: async ({ workerCount, runsPerScript }) => {
    dataSource = (await createTestSchema({ migrated: 'no' })).dataSource;
    return new Adapter(dataSource, { workerCount, runsPerScript });
  },
  queued: async (buffer) => {
    await waitFor('it is in the table', async () => {
      const [row] = await dataSource.query(`SELECT count(*) FROM own_queue WHERE tenant_id = 'quiet'`);
      return Number(row.count) > 0 || buffer.stats().busy === 0;
    });
  },
  transaction: (work) => dataSource.transaction(work),
};
const checks = durableEventBufferContract(fixture);

describe('an adapter of the host keeps the contract of a durable event buffer', () => {
  it.each(checks.map(({ title, run }) => [title, run] as const))('%s', async (_, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

it.each(['runs what is queued in a transaction after its commit', 'leaves nothing of a transaction'])(
  'an adapter that ignores the transaction of the host fails the contract check "%s"',
  async (promise) => {
    Adapter = Careless;
    const check = checks.find(({ title }) => title.startsWith(promise));
    await expect(check?.run()).rejects.toMatchObject({ name: 'AssertionError' });
  },
);

it('an adapter that wrongly says that it keeps the order fails a contract check', async () => {
  Adapter = Unordered;
  const check = durableEventBufferContract({ ...fixture, keepsOrder: true }).find(({ title }) =>
    title.startsWith('runs the events of one ordering key'),
  );
  await expect(check?.run()).rejects.toMatchObject({ name: 'AssertionError' });
});

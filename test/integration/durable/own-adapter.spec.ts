import type { DataSource } from 'typeorm';
import { eventBufferContract } from '../../contract/event-buffer.contract.js';
import { createTestSchema } from '../../support/postgres.js';
import { TableEventBuffer } from '../../support/table.event-buffer.js';
import { waitFor } from '../../support/wait-for.js';

let dataSource: DataSource | undefined;

eventBufferContract('an adapter of the host', {
  create: async ({ workerCount, runsPerScript }) => {
    dataSource = (await createTestSchema({ migrated: 'no' })).dataSource;
    return new TableEventBuffer(dataSource, { workerCount, runsPerScript });
  },
  queued: async (buffer) => {
    await waitFor('it is in the table', async () => {
      const [row] =
        (await dataSource?.query(`SELECT count(*) FROM own_queue WHERE tenant_id = 'quiet'`)) ?? [];
      return Number(row.count) > 0 || buffer.stats().busy === 0;
    });
  },
  dispose: async () => undefined,
});

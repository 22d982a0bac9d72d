import { eventBufferContract } from '../../contract/event-buffer.contract.js';
import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { waitFor } from '../../support/wait-for.js';

let cluster: DurableCluster | undefined;

eventBufferContract('GraphileWorkerEventBuffer', {
  create: async ({ workerCount, runsPerScript }) => {
    cluster = await durableCluster();
    return cluster.node({ workerCount, runsPerScript: () => runsPerScript });
  },
  queued: async () => {
    const found = `SELECT FROM ${cluster?.engine}._private_jobs WHERE payload->'e'->>'tenantId' = 'quiet'`;
    await waitFor('it is queued', async () => (await cluster?.count(found)) === 1);
  },
  dispose: async () => cluster?.dispose(),
});

import { durableEventBufferContract } from '../../../lib/testing/index.js';
import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { waitFor } from '../../support/wait-for.js';

let cluster: DurableCluster | undefined;

const checks = durableEventBufferContract({
  keepsOrder: true,
  create: async ({ workerCount, runsPerScript }) => {
    cluster = await durableCluster();
    return cluster.node({ workerCount, runsPerScript: () => runsPerScript });
  },
  queued: async () => {
    const found = `SELECT FROM ${cluster?.engine}._private_jobs WHERE payload->'e'->>'tenantId' = 'quiet'`;
    await waitFor('it is queued', async () => (await cluster?.count(found)) === 1);
  },
  transaction: async (work) => {
    await cluster?.schema.dataSource.transaction(work);
  },
  dispose: async () => cluster?.dispose(),
});

describe('GraphileWorkerEventBuffer keeps the contract of a durable event buffer', () => {
  it.each(checks.map(({ title, run }) => [title, run] as const))('%s', async (_, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { bufferOf, ENGINE, event } from './durable-setup.js';

const NODES = 2;
/** Milliseconds for which each run of the flood occupies its worker. */
const RUN_MS = 20;

/** Milliseconds from publishing a tenant's single events to their start, while another tenant's flood waits on two nodes. */
export async function besideFlood(
  dataSource: DataSource,
  size: { workers: number; flood: number; samples: number },
): Promise<number[]> {
  const { manager } = dataSource;
  const nodes = Array.from({ length: NODES }, () => bufferOf(dataSource, size.workers));
  for (let left = size.flood; left > 0; left -= 500) {
    const flood = Array.from({ length: Math.min(500, left) }, () => event({ tenantId: 'flood' }));
    await nodes[0]!.enqueueIn(manager, flood);
  }
  const seen = new EventEmitter();
  const flooding = once(seen, 'flood');
  for (const node of nodes) {
    await node.start(async ({ tenantId }) => {
      seen.emit(tenantId);
      if (tenantId === 'flood') await sleep(RUN_MS);
    });
  }
  await flooding;
  const times: number[] = [];
  for (let i = 0; i < size.samples; i++) {
    const ran = once(seen, 'quiet');
    const from = performance.now();
    await Promise.all([nodes[i % NODES]!.enqueueIn(manager, [event({ tenantId: 'quiet' })]), ran]);
    times.push(performance.now() - from);
  }
  await Promise.all(nodes.map((node) => node.stop(1_000)));
  await dataSource.query(`DELETE FROM ${ENGINE}._private_jobs`);
  return times;
}

import type { EventEmitter } from 'node:events';
import { DataSource } from 'typeorm';
import { guardConnections } from '../../lib/entities/connection-guard.js';
import { testDatabaseUrl } from '../support/postgres.js';

interface Pool {
  connect(): Promise<EventEmitter & { release(): void }>;
}

it('connections of a DataSource that is destroyed and initialised again have one error listener each', async () => {
  const dataSource = await new DataSource({ type: 'postgres', url: testDatabaseUrl() }).initialize();
  guardConnections(dataSource);
  await dataSource.destroy();
  await dataSource.initialize();
  guardConnections(dataSource);
  const { master } = dataSource.driver as unknown as { master: Pool };
  // The initialisation has opened the first connection; the second one is new.
  const clients = [await master.connect(), await master.connect()];
  expect(clients.map((client) => client.listenerCount('error'))).toEqual([1, 1]);
  for (const client of clients) client.release();
  await dataSource.destroy();
});

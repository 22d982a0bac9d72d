import type { EventEmitter } from 'node:events';
import { DataSource } from 'typeorm';
import { guardConnections } from '../../lib/entities/connection-guard.js';
import { testDatabaseUrl } from '../support/postgres.js';

interface Pool {
  connect(): Promise<EventEmitter & { release(): void }>;
}

it('connections of a DataSource that is destroyed and initialised again are guarded, once each', async () => {
  const dataSource = await new DataSource({ type: 'postgres', url: testDatabaseUrl() }).initialize();
  guardConnections(dataSource);
  await dataSource.destroy();
  await dataSource.initialize();
  guardConnections(dataSource);
  const { master } = dataSource.driver as unknown as { master: Pool };
  // The first was opened by the initialisation itself, the second is new.
  const clients = [await master.connect(), await master.connect()];
  expect(clients.map((client) => client.listenerCount('error'))).toEqual([1, 1]);
  for (const client of clients) client.release();
  await dataSource.destroy();
});

import { rm } from 'node:fs/promises';
import { Client } from 'pg';
import type { EmbeddedPostgres } from '../../sample-app/src/database/embedded-postgres';

/**
 * Stops the server that the global setup started; on another server, drops the template databases. Deletes the bundles
 * of programs.
 */
export default async function globalTeardown(): Promise<void> {
  await rm(process.env.TEST_PROGRAMS!, { recursive: true, force: true });
  await rm(process.env.TEST_STARTS!, { force: true });
  const server = (globalThis as { testPostgres?: EmbeddedPostgres }).testPostgres;
  if (server) return server.stop();
  const client = new Client({ connectionString: process.env.TEST_DATABASE_URL });
  await client.connect();
  const base = process.env.TEST_DATABASE_TEMPLATE;
  for (const name of [`${base}_engine`, `${base}`]) await client.query(`DROP DATABASE IF EXISTS "${name}"`);
  await client.end();
}

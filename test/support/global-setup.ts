import './resolve-typescript';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../sample-app/src/database/embedded-postgres.js';
import { postgresPrograms } from './postgres-programs';
import { staleBuild } from './stale-build';

/**
 * A test database may lose its data in a crash of the machine, and has no replicas: durability takes half of the time.
 * It is deleted before it needs a vacuum.
 */
const FAST_AND_FORGETFUL = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'max_connections=200',
  'jit=off',
  'autovacuum=off',
  'wal_level=minimal',
  'max_wal_senders=0',
];

/**
 * Starts one server for the whole run, of the release `TEST_POSTGRES_MAJOR`. If `TEST_DATABASE_URL` is set, uses that
 * one.
 */
export default async function globalSetup(): Promise<void> {
  // Node.js reads all certificates in it at each start, which takes longer than the rest of a start; no test needs them.
  delete process.env.NODE_EXTRA_CA_CERTS;
  const stale = staleBuild(join(__dirname, '../..'));
  if (stale) {
    // Jest would print a thrown error with a stack trace around the one line that matters.
    process.stderr.write(`${stale}\n`);
    process.exit(1);
  }
  process.env.TEST_DATABASE_TEMPLATE = `template_${process.pid}_${Date.now().toString(36)}`;
  process.env.TEST_STARTS = join(tmpdir(), `starts-of-${process.env.TEST_DATABASE_TEMPLATE}`);
  process.env.TEST_PROGRAMS = join(
    __dirname,
    '../../dist',
    `programs-of-${process.env.TEST_DATABASE_TEMPLATE}`,
  );
  if (process.env.TEST_DATABASE_URL) return;
  const server = await startEmbeddedPostgres({
    ...postgresPrograms(),
    flags: FAST_AND_FORGETFUL.flatMap((setting) => ['-c', setting]),
  });
  await cheapenConnections(server.url);
  process.env.TEST_DATABASE_URL = server.url;
  process.env.TEST_DATABASE_EMBEDDED = 'true';
  (globalThis as { testPostgres?: EmbeddedPostgres }).testPostgres = server;
}

/**
 * Each connection proves its password with 4,096 rounds of a hash. A run makes some thousand connections, and one round
 * is enough for tests.
 */
async function cheapenConnections(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const known = await client.query(`SELECT FROM pg_settings WHERE name = 'scram_iterations'`);
  if (known.rowCount)
    await client.query(
      `SET scram_iterations = 1; ALTER ROLE CURRENT_USER PASSWORD '${new URL(url).password}'`,
    );
  await client.end();
}

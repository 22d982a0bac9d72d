import type { EmbeddedPostgres } from '../../sample-app/src/database/embedded-postgres';

/** Stops the server that the global setup started, if it did. */
export default async function globalTeardown(): Promise<void> {
  await (globalThis as { testPostgres?: EmbeddedPostgres }).testPostgres?.stop();
}

import { startEmbeddedPostgres } from './embedded-postgres.js';

/** The PostgreSQL this app works on. */
export interface Database {
  url: string;
  /** For a person: which server it is. */
  description: string;
  /** Stops an embedded server; leaves a server named by `DATABASE_URL` alone. */
  stop(): Promise<void>;
}

/**
 * The server named by `DATABASE_URL`, or an embedded one.
 *
 * @param databaseDir folder of the embedded database; without it the database is temporary.
 */
export async function openDatabase(databaseDir?: string): Promise<Database> {
  const url = process.env.DATABASE_URL;
  if (url) return { url, description: `PostgreSQL of DATABASE_URL (${placeOf(url)})`, stop: async () => {} };
  const server = await startEmbeddedPostgres(databaseDir === undefined ? {} : { databaseDir });
  const description = `embedded PostgreSQL (${databaseDir ?? 'temporary'}, ${placeOf(server.url)})`;
  return { url: server.url, description, stop: () => server.stop() };
}

/** Host, port and database without user and password. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return 'not a URL';
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

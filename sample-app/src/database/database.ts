import { startEmbeddedPostgres } from './embedded-postgres.js';
import { canEnter, serverUser } from './server-user.js';

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
 * @param keepIn where the embedded database keeps its data over restarts: a folder in an existing one. Without it, or
 * when root starts the app from a folder that PostgreSQL's own user cannot enter, the data is temporary.
 */
export async function openDatabase(keepIn?: { parent: string; folder: string }): Promise<Database> {
  const url = process.env.DATABASE_URL;
  if (url) return { url, description: `PostgreSQL of DATABASE_URL at ${placeOf(url)}`, stop: async () => {} };
  const kept = keepIn && (await canEnter(await serverUser(), keepIn.parent)) ? keepIn.folder : undefined;
  const server = await startEmbeddedPostgres(kept === undefined ? {} : { databaseDir: kept });
  const where = kept === undefined ? 'its data is temporary' : `its data is in ${kept}`;
  return {
    url: server.url,
    description: `embedded PostgreSQL at ${placeOf(server.url)}, ${where}`,
    stop: () => server.stop(),
  };
}

/** Host, port and database without user and password. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return 'an address that is no URL';
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

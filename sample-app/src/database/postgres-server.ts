import { execFile, execFileSync, spawn } from 'node:child_process';
import { chown, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ServerBinaries } from './server-binaries.js';
import type { ServerUser } from './server-user.js';

const run = promisify(execFile);
const START_TIMEOUT_MS = 60_000;
const PORT_ATTEMPTS = 5;

/**
 * One database cluster in a folder, and the server on it.
 * The server is its own process group, so that Ctrl-C reaches the application first and it can still write.
 */
export class PostgresServer {
  /** The folder with the cluster's files, which PostgreSQL calls PGDATA. */
  private readonly cluster: string;
  private readonly processOptions: ServerUser & { cwd: string; env: NodeJS.ProcessEnv };

  constructor(
    private readonly home: string,
    private readonly binaries: ServerBinaries,
    user: ServerUser,
  ) {
    this.cluster = join(home, 'cluster');
    this.processOptions = { ...user, cwd: '/', env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' } };
  }

  /** Creates the cluster if it doesn't exist, first under another name, so that an interrupted start leaves no incomplete one. */
  async initialise(passwordFile: string): Promise<void> {
    const { uid, gid } = this.processOptions;
    if (await readFile(join(this.cluster, 'PG_VERSION')).catch(() => undefined)) return;
    const working = `${this.cluster}.new`;
    await rm(working, { recursive: true, force: true });
    await mkdir(working, { mode: 0o700 });
    if (uid !== undefined && gid !== undefined) await chown(working, uid, gid);
    const options = [
      '--username=postgres',
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ];
    await run(
      this.binaries.initdb,
      [`--pgdata=${working}`, `--pwfile=${passwordFile}`, ...options],
      this.processOptions,
    );
    await rename(working, this.cluster);
  }

  /** The port of a server that runs on this cluster, whoever started it. */
  async runningPort(): Promise<number | undefined> {
    try {
      await run(this.binaries.pgCtl, ['status', '-D', this.cluster], this.processOptions);
      return (await this.postmaster())?.port;
    } catch {
      return undefined;
    }
  }

  /** Starts the server on a free port of 127.0.0.1 and returns the port. */
  async start(flags: readonly string[]): Promise<number> {
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort();
      const problem = await this.startOn(port, flags);
      if (!problem) return port;
      // Another program may have taken the port since it was chosen.
      if (attempt === PORT_ATTEMPTS || !problem.includes('could not bind'))
        throw new Error(`PostgreSQL did not start: ${problem}`);
    }
  }

  /** Stops the server and ends its sessions. Committed data is on disk. */
  async stop(): Promise<void> {
    await run(
      this.binaries.pgCtl,
      ['stop', '-D', this.cluster, '-m', 'fast', '-w', '-t', '30'],
      this.processOptions,
    );
  }

  /** Does the same at the end of this process, when nothing can be awaited any more. */
  stopNow(): void {
    execFileSync(this.binaries.pgCtl, ['stop', '-D', this.cluster, '-m', 'immediate', '-w', '-t', '5'], {
      ...this.processOptions,
      stdio: 'ignore',
    });
  }

  private async startOn(port: number, flags: readonly string[]): Promise<string | undefined> {
    const logFile = join(this.home, 'server.log');
    const log = await open(logFile, 'w');
    const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
    const child = spawn(
      this.binaries.postgres,
      ['-D', this.cluster, '-p', String(port), ...settings, ...flags],
      {
        ...this.processOptions,
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      },
    );
    const ended = new AbortController();
    child.once('exit', () => ended.abort()).once('error', () => ended.abort());
    child.unref();
    await log.close();
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!ended.signal.aborted && Date.now() < deadline) {
      const postmaster = await this.postmaster();
      if (postmaster?.ready && postmaster.pid === child.pid) return undefined;
      await delay(20);
    }
    if (!ended.signal.aborted) child.kill('SIGKILL');
    return (await readFile(logFile, 'utf8')).trim() || 'it ended without a word';
  }

  /** Reads what the server writes about itself. PostgreSQL's `miscadmin.h` describes the lines of the file. */
  private async postmaster(): Promise<{ pid: number; port: number; ready: boolean } | undefined> {
    const text = await readFile(join(this.cluster, 'postmaster.pid'), 'utf8').catch(() => undefined);
    const lines = text?.split('\n');
    return lines && { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

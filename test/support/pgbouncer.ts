import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scratchFolder, serverUser } from '../../sample-app/src/database/server-user.js';
import { keptPort } from './kept-port.js';

/** Debian installs it in a folder that the PATH of an ordinary user does not have. */
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

/** Whether the program is installed (Debian: `apt-get install pgbouncer`). */
export function hasPgBouncer(): boolean {
  try {
    execFileSync('pgbouncer', ['--version'], { env: { PATH }, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A PgBouncer in transaction mode, with few connections to the server, so that each transaction gets another one. */
export class PgBouncer {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    /** Connection URL. */
    readonly url: string,
  ) {}

  /** @param server URL of the database. Call {@link stop} at the end. */
  static async start(server: string): Promise<PgBouncer> {
    const { hostname, port, username, password, pathname } = new URL(server);
    const user = await serverUser();
    const folder = await mkdtemp(join(await scratchFolder(user), 'pgbouncer-'));
    const listenPort = await keptPort();
    const config = join(folder, 'pgbouncer.ini');
    await writeFile(
      config,
      `[databases]
* = host=${hostname} port=${port || 5432} user=${username} password=${decodeURIComponent(password)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
server_round_robin = 1
ignore_startup_parameters = extra_float_digits
`,
    );
    await chmod(folder, 0o700);
    if (user.uid !== undefined)
      for (const path of [config, folder]) await chown(path, user.uid, user.gid ?? user.uid);
    const child = spawn('pgbouncer', [config], {
      ...user,
      env: { PATH },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    const up = new Promise<void>((resolve, reject) => {
      child.stderr!.setEncoding('utf8').on('data', (text: string) => {
        log += text;
        if (log.includes('process up')) resolve();
      });
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`pgbouncer did not start:\n${log}`)));
    });
    await up;
    return new PgBouncer(child, folder, `postgres://${username}@127.0.0.1:${listenPort}${pathname}`);
  }

  async stop(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}

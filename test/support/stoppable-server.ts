import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../sample-app/src/database/embedded-postgres.js';
import { scratchFolder, serverUser } from '../../sample-app/src/database/server-user.js';
import { keptPort } from './kept-port.js';
import { postgresPrograms } from './postgres-programs.js';

/** A database server of a test's own, which it can stop and start again under the same address. */
export class StoppableServer {
  private running: EmbeddedPostgres | undefined;
  /** Connection URL; the same after each start. */
  url = '';

  private constructor(
    private readonly databaseDir: string,
    private readonly port: number,
    private readonly flags: readonly string[],
  ) {}

  /** Makes a server and starts it. Call {@link dispose} at the end. */
  static async create(flags: readonly string[] = ['-c', 'fsync=off']): Promise<StoppableServer> {
    // A folder that the server's own user can read, also when the tests run as root.
    const scratch = await scratchFolder(await serverUser());
    const name = `stoppable-${process.pid}-${Date.now()}`;
    // The last `-p` counts. With a fixed port, applications find the server again under the address that they know.
    const port = await keptPort();
    const server = new StoppableServer(join(scratch, name), port, [...flags, '-p', String(port)]);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    this.running = await startEmbeddedPostgres({
      ...postgresPrograms(),
      databaseDir: this.databaseDir,
      flags: this.flags,
    });
    this.url = Object.assign(new URL(this.running.url), { port: String(this.port) }).href;
  }

  async stop(): Promise<void> {
    await this.running?.stop();
    this.running = undefined;
  }

  /** Stops it and deletes its data. */
  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.databaseDir, { recursive: true, force: true });
  }
}

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../sample-app/src/database/embedded-postgres.js';
import { scratchFolder, serverUser } from '../../sample-app/src/database/server-user.js';

/** A database server of a test's own, which it can stop and start again under the same address. */
export class StoppableServer {
  private running: EmbeddedPostgres | undefined;
  /** Connection URL; the same after each start. */
  url = '';

  private constructor(
    private readonly databaseDir: string,
    private readonly flags: readonly string[],
  ) {}

  /** Makes a server and starts it. Call {@link dispose} at the end. */
  static async create(flags: readonly string[] = ['-c', 'fsync=off']): Promise<StoppableServer> {
    // Where the server's own user may look into, also when the tests run as root.
    const scratch = await scratchFolder(await serverUser());
    const name = `stoppable-${process.pid}-${Date.now()}`;
    const server = new StoppableServer(join(scratch, name), flags);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    // The last `-p` counts: applications find it again under the address they know.
    const samePort = this.url ? ['-p', new URL(this.url).port] : [];
    const flags = [...this.flags, ...samePort];
    this.running = await startEmbeddedPostgres({ databaseDir: this.databaseDir, flags });
    this.url ||= this.running.url;
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

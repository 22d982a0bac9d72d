import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The benchmark's own Redis server, with the append-only file that BullMQ's manual recommends. */
export interface Redis {
  port: number;
  stop(): Promise<void>;
}

/** Starts Redis. Returns null if it isn't installed on this machine. */
export async function startRedis(): Promise<Redis | null> {
  const [port, folder] = await Promise.all([freePort(), mkdtemp(join(tmpdir(), 'bench-redis-'))]);
  const settings = ['--bind', '127.0.0.1', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction'];
  const server = spawn('redis-server', ['--port', String(port), '--dir', folder, ...settings]);
  const started = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.stdout.on('data', (text: Buffer) => {
      if (text.includes('Ready to accept connections')) resolve(true);
    });
    server.once('exit', () => resolve(false));
  });
  if (!started) {
    await rm(folder, { recursive: true, force: true });
    return null;
  }
  return {
    port,
    async stop() {
      const ended = once(server, 'exit');
      server.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

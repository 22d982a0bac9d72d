import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { isAlive } from '../support/is-alive.js';
import { createTestSchema } from '../support/postgres.js';
import { childrenOf } from '../support/sandbox-processes.js';
import { waitFor } from '../support/wait-for.js';

/**
 * A host in its own process. When it writes `ready`, one of its three sandbox processes computes, one is inside a call that
 * V8 can't interrupt, and one is idle.
 */
const HOST = `
  require('reflect-metadata');
  // As many scripts compute at a time as there are cores: two of them here, also on a machine with one.
  require('node:os').availableParallelism = () => 2;
  const { Module } = require('@nestjs/common');
  const { NestFactory } = require('@nestjs/core');
  const { EventEmitter2, EventEmitterModule } = require('@nestjs/event-emitter');
  const { ScheduleModule } = require('@nestjs/schedule');
  const { TypeOrmModule } = require('@nestjs/typeorm');
  const { SCRIPTS_EVENT_ENTITIES, ScriptService, ScriptsEventModule } = require('nestjs-scripts-event');
  const { ScriptSandbox } = require('nestjs-scripts-event/sandbox');

  class App {}
  Module({
    imports: [
      EventEmitterModule.forRoot(),
      ScheduleModule.forRoot(),
      TypeOrmModule.forRoot({ ...JSON.parse(process.env.HOST_DATABASE), entities: SCRIPTS_EVENT_ENTITIES }),
      ScriptsEventModule.forRoot({ sandbox: { minProcesses: 3, maxProcesses: 3, timeout: '1m' } }),
    ],
  })(App);

  async function main() {
    const app = await NestFactory.createApplicationContext(App, { logger: ['error'] });
    const endless = ['for (;;);', 'return [].includes.call({ length: 2 ** 53 - 1 }, 1)'];
    for (const source of endless) {
      const script = { name: source, source, eventTypes: ['user.created'], active: true };
      await app.get(ScriptService).create('acme', script);
    }
    app.get(EventEmitter2).emit('user.created', { tenantId: 'acme', userId: 1 });
    const look = setInterval(() => {
      const { processes } = app.get(ScriptSandbox).stats();
      if (processes.busy < 2 || processes.idle < 1) return;
      clearInterval(look);
      console.log('ready');
    }, 5);
  }
  main().catch((error) => {
    console.error(error);
    process.exit(1);
  });
`;

describe('a host that is killed by SIGKILL', () => {
  it('leaves no sandbox process behind, whether the process computes, is inside an uninterruptible call, or is idle', async () => {
    const { options } = await createTestSchema();
    const { url, schema, extra } = options;
    const host = spawn(process.execPath, ['-e', HOST], {
      // In this folder, the package's own name resolves to it, as for its users.
      cwd: join(__dirname, '..', '..'),
      env: { ...process.env, HOST_DATABASE: JSON.stringify({ type: 'postgres', url, schema, extra }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [host.stdout, host.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    try {
      await waitFor('the host runs both scripts', () => output.includes('ready') || host.exitCode !== null);
      expect(output).toBe('ready\n');
      const children = await childrenOf(host.pid!);
      // A process beside the pool has checked the sources. It ends when it has been idle for long enough.
      expect([3, 4]).toContain(children.length);
      host.kill('SIGKILL');
      await waitFor('no child is left', () => !children.some(isAlive));
    } finally {
      host.kill('SIGKILL');
    }
  });
});

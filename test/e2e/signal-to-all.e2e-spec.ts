import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createTestSchema, engineSchemaOf } from '../support/postgres.js';
import { childrenOf } from '../support/sandbox-processes.js';
import { FULL } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';

/** A host in its own process, with three runs under way when it writes `ready`. It writes how each of them ends. */
const HOST = `
  require('reflect-metadata');
  const { Module } = require('@nestjs/common');
  const { NestFactory } = require('@nestjs/core');
  const { EventEmitter2, EventEmitterModule } = require('@nestjs/event-emitter');
  const { ScheduleModule } = require('@nestjs/schedule');
  const { TypeOrmModule } = require('@nestjs/typeorm');
  const { HOST_EVENTS, SCRIPTS_EVENT_ENTITIES, ScriptBinding, ScriptService, ScriptsEventModule } = require('nestjs-scripts-event');

  class Host {
    calls = 0;
    ended = new Promise((resolve) => (this.end = resolve));
    async wait() {
      if (++this.calls === 3) {
        console.log('ready');
        // The scripts must still run for a while after the signal, in which they could die of it.
        setTimeout(this.end, 1_500);
      }
      await this.ended;
      return 1;
    }
  }
  ScriptBinding('host.wait')(Host.prototype, 'wait', Object.getOwnPropertyDescriptor(Host.prototype, 'wait'));

  class App {}
  Module({
    providers: [Host],
    imports: [
      EventEmitterModule.forRoot(),
      ScheduleModule.forRoot(),
      TypeOrmModule.forRoot({ ...JSON.parse(process.env.HOST_DATABASE), entities: SCRIPTS_EVENT_ENTITIES }),
      ScriptsEventModule.forRoot({ buffer: JSON.parse(process.env.HOST_BUFFER), sandbox: { maxProcesses: 3 } }),
    ],
  })(App);

  async function main() {
    const app = await NestFactory.createApplicationContext(App, { logger: ['error', 'warn'] });
    app.enableShutdownHooks();
    const emitter = app.get(EventEmitter2);
    emitter.on(HOST_EVENTS.executionCompleted, ({ result }) => console.log('completed', result));
    emitter.on(HOST_EVENTS.executionFailed, ({ error }) => console.log('failed', JSON.stringify(error)));
    const script = { name: 's', source: 'return await host.wait()', bindings: ['host.wait'], eventTypes: ['user.created'], active: true };
    await app.get(ScriptService).create('acme', script);
    for (let userId = 0; userId < 3; userId++) emitter.emit('user.created', { tenantId: 'acme', userId });
  }
  main().catch((error) => {
    console.error(error);
    process.exit(1);
  });
`;

const SIGNALS = [
  ['SIGTERM', 'to the group of the host'],
  ['SIGINT', 'to the group of the host'],
  ['SIGHUP', 'to the group of the host'],
  ['SIGTERM', 'to the host and each of its children, as a service manager sends it'],
] as const;
/**
 * The short form tests the first signal with the durable buffer, and the last one, which each child gets, with the memory
 * buffer. test/sandbox/signals.spec.ts proves that children do not end by these signals.
 */
const BUFFERS = [
  ['memory', FULL ? SIGNALS : SIGNALS.slice(-1)],
  ['graphile-worker', FULL ? SIGNALS : SIGNALS.slice(0, 1)],
] as const;

describe.each(BUFFERS)('with the buffer %s,', (driver, signals) => {
  it.each(signals)('%s %s lets every run end, and leaves no process', async (signal, to) => {
    const database = await createTestSchema();
    const { url, schema, extra } = database.options;
    const buffer = driver === 'memory' ? { driver } : { driver, schema: engineSchemaOf(database) };
    const host = spawn(process.execPath, ['-e', HOST], {
      // In this folder, the package's own name resolves to it, as for its users.
      cwd: join(__dirname, '..', '..'),
      detached: true,
      env: {
        ...process.env,
        HOST_DATABASE: JSON.stringify({ type: 'postgres', url, schema, extra }),
        HOST_BUFFER: JSON.stringify(buffer),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [host.stdout, host.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    try {
      await waitFor('three runs are under way', () => output.includes('ready') || host.exitCode !== null);
      const children = await childrenOf(host.pid!);
      const closed = once(host, 'close');
      if (to.includes('group')) process.kill(-host.pid!, signal);
      else for (const pid of [...children, host.pid!]) process.kill(pid, signal);
      expect(await closed).toEqual([null, signal]);
      expect(output).toBe(`ready\n${'completed 1\n'.repeat(3)}`);
      for (const pid of children) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    } finally {
      host.kill('SIGKILL');
    }
  });
});

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { CuttingProxy } from '../support/cutting-proxy.js';
import { engineSchemaOf, createTestSchema } from '../support/postgres.js';
import { onBothBuffers } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { limitTests } from '../support/time-limits.js';

limitTests('long');

/** A host in its own process, which emits an event every 20 ms and writes a line for each run. */
const HOST = `
  require('reflect-metadata');
  const { Module } = require('@nestjs/common');
  const { NestFactory } = require('@nestjs/core');
  const { EventEmitter2, EventEmitterModule } = require('@nestjs/event-emitter');
  const { ScheduleModule } = require('@nestjs/schedule');
  const { TypeOrmModule } = require('@nestjs/typeorm');
  const { DataSource } = require('typeorm');
  const { SCRIPTS_EVENT_ENTITIES, ScriptService, ScriptsEventModule } = require('nestjs-scripts-event');
  const { database, buffer } = JSON.parse(process.env.HOST);

  class App {}
  Module({
    imports: [
      EventEmitterModule.forRoot(),
      ScheduleModule.forRoot(),
      TypeOrmModule.forRoot({ ...database, entities: SCRIPTS_EVENT_ENTITIES }),
      ScriptsEventModule.forRoot({ buffer, retry: { interval: '50ms' }, sandbox: { maxProcesses: 1 } }),
    ],
  })(App);

  async function main() {
    const app = await NestFactory.createApplicationContext(App, { logger: false });
    const emitter = app.get(EventEmitter2);
    await app.get(ScriptService).create('acme', { name: 's', source: 'return 1', eventTypes: ['user.created'], active: true });
    emitter.on('script.execution.completed', () => console.log('ran'));
    setInterval(() => emitter.emit('user.created', { tenantId: 'acme', userId: 1 }), 20);
    // What the host itself asks of its pool, as a controller would.
    setInterval(() => app.get(DataSource).query('SELECT 1').catch(() => undefined), 5);
  }
  main().catch((error) => {
    console.error(error);
    process.exit(1);
  });
`;

/** How many connections are ended as they become ready. */
const CUTS = 60;

it.each(onBothBuffers(['memory', 'graphile-worker']))(
  'a host with the buffer %s goes on running scripts after connections that ended in the packet in which they became ready',
  async (driver) => {
    const schema = await createTestSchema();
    const proxy = await CuttingProxy.open(schema.options.url);
    const database = { ...schema.options, url: proxy.url, entities: [], migrations: [] };
    const buffer = driver === 'memory' ? { driver } : { driver, schema: engineSchemaOf(schema), poll: 100 };
    const host = spawn(process.execPath, ['-e', HOST], {
      cwd: join(__dirname, '..', '..'),
      env: { ...process.env, HOST: JSON.stringify({ database, buffer }) },
    });
    let [runs, errors] = [0, ''];
    host.stdout.on('data', (data) => (runs += String(data).split('ran').length - 1));
    host.stderr.on('data', (data) => (errors += String(data)));
    try {
      const alive = () => host.exitCode === null || fail(`the host ended: ${errors}`);
      await waitFor('scripts run', () => alive() && runs > 0);
      proxy.cutting = true;
      // Ends all open connections again and again, so that every pool of the process has to make new ones.
      for (let cut = proxy.cuts; proxy.cuts < CUTS; cut = proxy.cuts) {
        proxy.cutAll();
        await waitFor('new connections are cut', () => alive() && proxy.cuts > cut);
      }
      proxy.cutting = false;
      const before = runs;
      await waitFor('scripts run again', () => alive() && runs > before);
      expect(errors).toBe('');
    } finally {
      host.kill('SIGKILL');
      await proxy.close();
    }
  },
);

function fail(message: string): never {
  throw new Error(message);
}

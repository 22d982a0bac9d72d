import { EventEmitter2 } from '@nestjs/event-emitter';
import type { TestingModule } from '@nestjs/testing';
import type { DataSourceOptions } from 'typeorm';
import {
  type DeadLetterAlert,
  DeadLetterService,
  ExecutionService,
  HOST_EVENTS,
  ScriptHealthService,
  ScriptService,
  ScriptsEventHealth,
} from '../../lib/index.js';
import { startApp } from '../support/app.builder.js';
import { migrate, ownDatabase } from '../support/own-database.js';
import { FULL } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { RecordedLog } from './support/recorded-log.js';
import { ADA } from './support/test-host.js';

let app: TestingModule | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

/** A host with TypeORM's `replication`, whose replica has none of the data yet. */
async function start(
  driver: 'memory' | 'graphile-worker',
  replicaHasTables: boolean,
): Promise<TestingModule> {
  const [primary, replica] = [await ownDatabase(), await ownDatabase()];
  await migrate(primary.options);
  if (replicaHasTables) await migrate(replica.options);
  const { url, ...options } = primary.options;
  const replication = { master: { url }, slaves: [{ url: replica.url }] };
  const buffer = driver === 'memory' ? { driver } : { driver, poll: 100, redelivery: 200 };
  return startApp({
    database: { options: { ...options, replication } as DataSourceOptions as never },
    logger: new RecordedLog(),
    options: { buffer, retry: { maxRetries: 1 }, alerts: { interval: 0 } },
  });
}

const REPLICAS = [
  ['memory', true],
  ['memory', false],
  ['graphile-worker', true],
] as const;

describe.each(FULL ? REPLICAS : REPLICAS.slice(-1))(
  'with TypeORM’s replication, the buffer %s and a replica that lags (tables: %s)',
  (driver, tables) => {
    it('everything is read from the primary, so that nothing is discarded, lost or stored wrongly', async () => {
      app = await start(driver, tables);
      const [scripts, letters] = [app.get(ScriptService), app.get(DeadLetterService)];
      const [executions, emitter] = [app.get(ExecutionService), app.get(EventEmitter2)];
      let alerted = 0;
      emitter.on(HOST_EVENTS.deadLetterExhausted, ({ count }: DeadLetterAlert) => {
        alerted += count;
      });
      const fields = { eventTypes: ['user.created'], active: true };
      const script = await scripts.create('acme', {
        ...fields,
        name: 'typed',
        language: 'typescript',
        source: 'const id: number = ctx.input.userId; return id;',
      });
      const updated = await scripts.update('acme', script.id, { source: 'const a: number = 2; return a;' });
      expect(updated.version).toBe(2);
      expect(await scripts.getVersion('acme', script.id, 2)).toMatchObject({ language: 'typescript' });
      const failing = await scripts.create('acme', {
        ...fields,
        name: 'failing',
        source: 'throw new Error("no")',
      });

      for (let userId = 1; userId <= 3; userId++)
        emitter.emit('user.created', { ...ADA, userId, tenantId: 'acme' });
      await waitFor('the runs of the first are recorded', async () => {
        const { items } = await executions.list('acme', { scriptId: script.id, status: 'completed' });
        return items.length === 3;
      });
      expect((await letters.list('acme', { scriptId: script.id })).items).toEqual([]);
      await waitFor('those of the second are exhausted and alerted', async () => {
        const { items } = await letters.list('acme', { scriptId: failing.id, status: 'exhausted' });
        return items.length === 3 && alerted === 3;
      });
      expect((await scripts.list('acme')).items).toHaveLength(2);
      expect(await app.get(ScriptHealthService).get('acme', failing.id)).toMatchObject({ version: 1 });
      expect(await app.get(ScriptsEventHealth).check()).toMatchObject({ status: 'up' });
    });
  },
);

import { Injectable } from '@nestjs/common';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { ExecutionService, ScriptBinding, SCRIPTS_EVENT_ENTITIES } from '../../lib/index.js';
import { SCRIPTS_EVENT_MIGRATIONS } from '../../migrations/index.js';
import { startApp } from '../support/app.builder.js';
import type { TestSchema } from '../support/postgres.js';
import { StoppableServer } from '../support/stoppable-server.js';
import { waitFor } from '../support/wait-for.js';
import { RecordedLog } from './support/recorded-log.js';
import { noSandboxChildren } from '../support/sandbox-processes.js';
import { ADA, TestHost } from './support/test-host.js';
import { limitTests } from '../support/time-limits.js';

limitTests('long');

let server: StoppableServer;
let admin: DataSource | undefined;

/** A database for an application on the server that this test stops, in the shape of the other tests. */
const place = (): TestSchema => ({
  name: 'public',
  options: options() as TestSchema['options'],
  connect: () => new DataSource(options()).initialize(),
  dataSource: admin as DataSource,
});

const options = (): DataSourceOptions => ({
  type: 'postgres',
  url: server.url,
  schema: 'public',
  entities: SCRIPTS_EVENT_ENTITIES,
  migrations: SCRIPTS_EVENT_MIGRATIONS,
  connectTimeoutMS: 2_000,
});

beforeAll(async () => {
  server = await StoppableServer.create();
  admin = await new DataSource(options()).initialize();
  await admin.runMigrations();
});
afterAll(async () => {
  if (admin?.isInitialized) await admin.destroy();
  await server.dispose();
});

describe('an outage of the database while events arrive', () => {
  it('loses no event: every script completes once for every event, with a record', async () => {
    const logger = new RecordedLog();
    const host = await TestHost.start({
      database: place(),
      logger,
      options: { index: { pollInterval: '200ms' } },
    });
    const known = await host.script('return ctx.input.userId;', { name: 'known' });
    // A script whose source has not been read when the outage begins.
    const unread = await host.script('return ctx.input.clientId;', {
      name: 'unread',
      eventTypes: ['client.created'],
    });
    const emit = (from: number, to: number): void => {
      for (let id = from; id <= to; id++) {
        host.emit('user.created', { ...ADA, tenantId: 'acme', userId: id });
        host.emit('client.created', { tenantId: 'acme', clientId: id, name: 'C', email: 'c@example.com' });
      }
    };
    host.emit('user.created', { ...ADA, tenantId: 'acme', userId: 0 });
    await host.executed(1, known);

    await server.stop();
    expect(() => emit(1, 20)).not.toThrow();
    await host.idle();
    expect(() => emit(21, 40)).not.toThrow();
    await server.start();
    emit(41, 60);

    const completed = async (script: string): Promise<number[]> => {
      const rows = (await host.executions(script)).filter(({ status }) => status === 'completed');
      return rows.map(({ result }) => Number(result)).toSorted((a, b) => a - b);
    };
    await waitFor(
      'everything is executed and recorded',
      async () => (await completed(known)).length >= 61 && (await completed(unread)).length >= 60,
    );
    await waitFor('no dead letter is open', async () =>
      (await host.deadLetters()).every(({ status }) => status === 'resolved'),
    );
    await host.close();
    expect(await completed(known)).toEqual(Array.from({ length: 61 }, (_, id) => id));
    expect(await completed(unread)).toEqual(Array.from({ length: 60 }, (_, id) => id + 1));
  });
});

/** Stops the database in the middle of a run. */
@Injectable()
class Outage {
  runs = 0;
  begin = async (): Promise<void> => undefined;

  @ScriptBinding('outage.begin')
  async call(): Promise<void> {
    this.runs += 1;
    await this.begin();
  }
}

describe('an outage of the database in the middle of a run that needs its store', () => {
  it('ends the run even if the script catches the error, and the event runs again and counts once', async () => {
    const host = await TestHost.start({
      database: place(),
      providers: [Outage],
      options: { sandbox: { timeout: '1m', maxTimeout: '1m', bindingTimeout: '1m' } },
    });
    const script = await host.script(
      `await store.increment('n');
      await outage.begin();
      const n = await store.get('n').catch((error) => error.code);
      await store.set('seen', n);
      return n;`,
      { bindings: ['outage.begin'] },
    );
    const outage = host.get(Outage);
    let isAway = false;
    outage.begin = async () => {
      await server.stop();
      isAway = true;
    };
    host.emit('user.created', { ...ADA, tenantId: 'acme' });
    const running = (): number => host.get(ExecutionService).listRunning('acme').length;
    await waitFor('the run has met the outage', () => outage.runs > 1 || (isAway && running() === 0));
    outage.begin = async () => undefined;
    await server.start();
    const completed = async () =>
      (await host.executions(script)).filter(({ status }) => status === 'completed');
    await waitFor('the event has run', async () => (await completed()).length > 0, 60_000);
    await host.idle();
    // There is no record of the run that had no store.
    expect(await host.executions(script)).toMatchObject([{ status: 'completed', result: 1, attempt: 1 }]);
    expect(outage.runs).toBeGreaterThan(1);
    expect((await host.deadLetters(script)).filter(({ status }) => status !== 'resolved')).toEqual([]);
    expect(await admin!.query('SELECT key, value FROM script_store ORDER BY key')).toEqual([
      { key: 'n', value: 1 },
      { key: 'seen', value: 1 },
    ]);
    await host.close();
  });
});

describe('a start while the database is away', () => {
  it('fails with the error of the connection, and leaves no sandbox process', async () => {
    const database = place();
    await admin?.destroy();
    await server.stop();
    await expect(startApp({ database, logger: new RecordedLog() })).rejects.toThrow(/ECONNREFUSED/);
    await noSandboxChildren();
  });
});

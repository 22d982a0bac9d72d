import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventEmitter2 } from '@nestjs/event-emitter';
import type { TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import {
  DeadLetterService,
  ExecutionService,
  installDurableBuffer,
  RetentionService,
  DomainEventPublisher,
  ScriptService,
  ScriptsEventHealth,
} from '../../lib/index.js';
import { startApp } from '../support/app.builder.js';
import { asAdmin, migrate, type OwnDatabase, ownDatabase } from '../support/own-database.js';
import { onBothBuffers } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { RecordedLog } from './support/recorded-log.js';
import { ADA } from './support/test-host.js';

type Driver = 'memory' | 'graphile-worker';

const page = readFileSync(join(__dirname, '..', '..', 'docs', 'database-rights.md'), 'utf8');
const [ROWS, QUEUE] = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) => sql!);

const roles: string[] = [];
let app: TestingModule | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

/** A database that an administrator has prepared as the page says, and the application's user. */
async function prepared(driver: Driver): Promise<{ database: OwnDatabase; role: string; url: string }> {
  const database = await ownDatabase();
  const role = `${database.name}_app`;
  roles.push(role);
  await migrate(database.options);
  if (driver === 'graphile-worker') {
    const admin = await new DataSource(database.options).initialize();
    try {
      await installDurableBuffer(admin);
    } finally {
      await admin.destroy();
    }
  }
  const recipe = [ROWS, driver === 'graphile-worker' && QUEUE].filter((sql) => typeof sql === 'string');
  await asAdmin(
    [
      `CREATE ROLE "${role}" LOGIN PASSWORD 'secret'`,
      `REVOKE ALL ON DATABASE "${database.name}" FROM PUBLIC`,
      `REVOKE ALL ON SCHEMA public FROM PUBLIC`,
      `GRANT CONNECT ON DATABASE "${database.name}" TO "${role}"`,
      ...recipe.map((sql) => sql.replaceAll('TO app', `TO "${role}"`)),
    ],
    database.url,
  );
  const url = Object.assign(new URL(database.url), { username: role, password: 'secret' }).href;
  return { database, role, url };
}

const start = (driver: Driver, database: OwnDatabase, url: string): Promise<TestingModule> =>
  startApp({
    database: { options: { ...database.options, url, migrations: [] } as never },
    logger: new RecordedLog(),
    options: {
      buffer: driver === 'memory' ? { driver } : { driver, installSchema: false, poll: 100, redelivery: 200 },
      retry: { maxRetries: 1 },
    },
  });

it.each(onBothBuffers<Driver>(['memory', 'graphile-worker']))(
  'with the buffer %s, an application runs, retries, discards and deletes with only the rights of docs/database-rights.md',
  async (driver) => {
    const { database, url } = await prepared(driver);
    app = await start(driver, database, url);
    const [scripts, letters] = [app.get(ScriptService), app.get(DeadLetterService)];
    const executions = app.get(ExecutionService);
    const fields = { eventTypes: ['user.created'], active: true };
    const ordering =
      driver === 'memory' ? {} : { orderingKey: 'userId', runsPerMinute: 1_000, maxConcurrency: 2 };
    const good = await scripts.create('acme', { ...fields, ...ordering, name: 'good', source: 'return 1' });
    const bad = await scripts.create('acme', { ...fields, name: 'bad', source: 'throw new Error("no")' });
    app.get(EventEmitter2).emit('user.created', { ...ADA, tenantId: 'acme' });
    await app.get(DomainEventPublisher).publish('user.created', ADA, { tenantId: 'acme' });
    const ran = async () => (await executions.list('acme', { scriptId: good.id })).items.length === 2;
    await waitFor('both run', ran);
    const exhausted = await waitFor('both are exhausted', async () => {
      const { items } = await letters.list('acme', { scriptId: bad.id, status: 'exhausted' });
      return items.length === 2 && items;
    });
    await letters.discard('acme', exhausted[0]!.id, { by: 'ada', note: 'no' });
    expect(await app.get(RetentionService).run()).toMatchObject({ outcome: 'done' });
    await scripts.delete('acme', bad.id);
    expect(await app.get(ScriptsEventHealth).check()).toMatchObject({ status: 'up' });
  },
);

it.each<[Driver, string, string]>([
  ['memory', 'REVOKE INSERT ON script_executions FROM app', 'INSERT on table "script_executions"'],
  [
    'memory',
    'REVOKE USAGE ON SEQUENCE scripts_revision_seq FROM app',
    'USAGE on sequence "scripts_revision_seq"',
  ],
  [
    'memory',
    'ALTER TABLE dead_letter_queue ENABLE ROW LEVEL SECURITY',
    'policy for this user on table "dead_letter_queue"',
  ],
  [
    'graphile-worker',
    'DROP POLICY scripts_event_app ON scripts_event_worker._private_jobs',
    'policy for this user on table "scripts_event_worker"._private_jobs',
  ],
  [
    'graphile-worker',
    'REVOKE USAGE ON SCHEMA scripts_event_worker FROM app',
    'USAGE on schema scripts_event_worker',
  ],
  [
    'graphile-worker',
    'REVOKE DELETE ON scripts_event_worker._private_jobs FROM app',
    'DELETE on table "scripts_event_worker"._private_jobs',
  ],
])(
  'with the buffer %s, the start fails and names the right that is missing after %s',
  async (driver, sql, named) => {
    const { database, role, url } = await prepared(driver);
    await asAdmin(sql.replace('FROM app', `FROM "${role}"`), database.url);
    await expect(start(driver, database, url)).rejects.toMatchObject({
      code: 'missing-rights',
      message: expect.stringContaining(named),
    });
  },
);

// The databases were dropped before, and with them the rights of the roles.
afterAll(async () => {
  for (const role of roles.splice(0)) await asAdmin(`DROP ROLE "${role}"`);
});

import { DataSource, type DataSourceOptions } from 'typeorm';
import { EventBuffer, SCRIPTS_EVENT_ENTITIES } from '../../lib/index.js';
import { SCRIPTS_EVENT_MIGRATIONS } from '../../migrations/index.js';
import type { TestSchema } from '../support/postgres.js';
import { StoppableServer } from '../support/stoppable-server.js';
import { waitFor } from '../support/wait-for.js';
import { RecordedLog } from './support/recorded-log.js';
import { ADA, TestHost } from './support/test-host.js';
import { limitTests } from '../support/time-limits.js';

limitTests('long');

let server: StoppableServer;
let admin: DataSource;

const options = (): DataSourceOptions => ({
  type: 'postgres',
  url: server.url,
  schema: 'public',
  entities: SCRIPTS_EVENT_ENTITIES,
  migrations: SCRIPTS_EVENT_MIGRATIONS,
  connectTimeoutMS: 2_000,
});
const place = (): TestSchema => ({
  name: 'public',
  options: options() as TestSchema['options'],
  connect: () => new DataSource(options()).initialize(),
  dataSource: admin,
});

beforeAll(async () => {
  server = await StoppableServer.create();
  admin = await new DataSource(options()).initialize();
  await admin.runMigrations();
  await admin.destroy();
});
beforeEach(async () => {
  admin = await new DataSource(options()).initialize();
});
afterEach(async () => {
  if (admin.isInitialized) await admin.destroy();
});
afterAll(() => server.dispose());

const emit = (host: TestHost, tenantId: string, count: number): void => {
  for (let userId = 1; userId <= count; userId++) host.emit('user.created', { ...ADA, tenantId, userId });
};

/** An application whose scripts were made by one that has ended. It has run none of them when the server stops. */
async function restarted(
  tenantId: string,
  source: string,
  index = {},
): Promise<{ host: TestHost; logger: RecordedLog }> {
  const first = await TestHost.start({ database: place() });
  for (let i = 0; i < 4; i++) await first.script(source, { tenantId, name: `${tenantId} ${i}` });
  await first.close();
  const logger = new RecordedLog();
  const host = await TestHost.start({
    database: place(),
    logger,
    options: { index: { pollInterval: '200ms', ...index } },
  });
  await admin.destroy();
  await server.stop();
  return { host, logger };
}

/** Starts the server again, and connects the test to it. */
async function back(host: TestHost): Promise<void> {
  await server.start();
  admin = await new DataSource(options()).initialize();
  Object.assign(host.database, { dataSource: admin });
}

describe('an outage of the database after a restart', () => {
  it('stops no script, even one that has not run before; the records are stored when the database is back', async () => {
    const { host, logger } = await restarted('acme', 'return ctx.input.userId;');
    const completed = host.heard('script.execution.completed');
    emit(host, 'acme', 25);
    await waitFor('all have run', () => completed.length === 100);
    await back(host);
    expect((await host.executed(100)).every(({ status }) => status === 'completed')).toBe(true);
    expect(await host.deadLetters()).toEqual([]);
    expect(logger.of('error')).toEqual([]);
  });

  it('delays scripts whose source is not in memory until the database is back, with one warning and without a failure', async () => {
    // Four sources of some 200 KB each would fit in the budget of 1 MiB, so other scripts fill it first.
    const filler = `// ${'x'.repeat(99_000)}\nreturn 1;`;
    const first = await TestHost.start({ database: place() });
    for (let i = 0; i < 8; i++) await first.script(filler, { tenantId: 'filler', name: `filler ${i}` });
    await first.close();
    const { host, logger } = await restarted('beyond', `// ${'y'.repeat(90_000)}\nreturn ctx.input.userId;`, {
      maxSourceBytes: 1_048_576,
    });
    emit(host, 'beyond', 10);
    const limited = () => host.get(EventBuffer).stats().limited?.['database-away'] ?? 0;
    await waitFor('some wait', () => limited() > 0);
    await back(host);
    const rows = await waitFor('all have run', async () => {
      const executions = (await host.executions()).filter(({ tenantId }) => tenantId === 'beyond');
      return executions.length >= 40 ? executions : undefined;
    });
    expect(rows.every(({ status, attempt }) => status === 'completed' && attempt === 1)).toBe(true);
    expect((await host.deadLetters()).filter(({ tenantId }) => tenantId === 'beyond')).toEqual([]);
    expect(
      logger.of('warn').filter((line) => line.includes('Scripts whose source is not in memory')),
    ).toHaveLength(1);
    expect(logger.of('warn').filter((line) => line.includes('index.maxSourceBytes'))).toHaveLength(1);
    expect(logger.of('error')).toEqual([]);
  });
});

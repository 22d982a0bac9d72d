import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { SCRIPTS_EVENT_ENTITIES, type ScriptsEventModuleOptions } from '../../lib/index.js';
import { SCRIPTS_EVENT_MIGRATIONS } from '../../migrations/index.js';
import type { TestSchema } from '../support/postgres.js';
import { StoppableServer } from '../support/stoppable-server.js';
import { waitFor } from '../support/wait-for.js';
import { HeldScripts, HOLD, HOLDING } from './support/held-scripts.js';
import { RecordedLog } from './support/recorded-log.js';
import { ADA, TestHost } from './support/test-host.js';
import { limitTests } from '../support/time-limits.js';

limitTests('long');

const EVENTS = 30;
const RUNNING = 2;

let server: StoppableServer;
let admin: DataSource | undefined;
let folder: string;

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
  dataSource: admin as DataSource,
});

beforeAll(async () => {
  server = await StoppableServer.create();
});
beforeEach(async () => {
  admin = await new DataSource(options()).initialize();
  await admin.query('DROP SCHEMA public CASCADE');
  await admin.query('CREATE SCHEMA public');
  await admin.runMigrations();
  folder = await mkdtemp(join(tmpdir(), 'spill-'));
});
afterEach(async () => {
  await admin?.destroy();
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => server.dispose());

/** Stops the server, then the application, of whose events some run and the others wait. */
async function stoppedWithoutServer(
  more: ScriptsEventModuleOptions,
): Promise<{ logger: RecordedLog; script: string }> {
  const logger = new RecordedLog();
  const host = await TestHost.start({
    database: place(),
    logger,
    options: {
      buffer: { workerCount: RUNNING },
      sandbox: { maxProcesses: RUNNING },
      shutdownTimeout: '2s',
      ...more,
    },
    providers: [HeldScripts],
  });
  const script = await host.script(`${HOLD} return ctx.input.userId;`, HOLDING);
  for (let userId = 1; userId <= EVENTS; userId++)
    host.emit('user.created', { ...ADA, tenantId: 'acme', userId });
  await host.get(HeldScripts).held();
  await admin?.destroy();
  await server.stop();
  await host.close();
  await server.start();
  admin = await new DataSource(options()).initialize();
  return { logger, script };
}

describe('a stop while the database is unavailable', () => {
  it('logs how many queued events are lost, and how to keep them next time', async () => {
    const { logger } = await stoppedWithoutServer({});
    expect(logger.lines.filter((line) => /Kept (?!0 of )/.test(line))).toEqual([]);
    expect(logger.of('warn')).toContainEqual(
      expect.stringMatching(/Kept 0 of \d+ queued events as dead letters/),
    );
    const lost = logger.of('error').find((line) => line.includes('Lost in this stop'));
    expect(lost).toContain(`${EVENTS} dead letters`);
    expect(lost).toContain('storage.spillPath');
    // There are fewer lines than events.
    expect(logger.of('error').length).toBeLessThanOrEqual(25);
  });

  it('keeps the queued events in a file that the next start imports, and each of them runs once', async () => {
    const { logger, script } = await stoppedWithoutServer({ storage: { spillPath: folder } });
    expect(logger.of('error')).toEqual([]);
    const names = await readdir(folder);
    expect(names).toHaveLength(1);
    const name = names[0]!;
    expect(logger.of('warn').filter((line) => line.includes(join(folder, name)))).toHaveLength(1);
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    const content = await readFile(join(folder, name), 'utf8');
    expect(content.match(/"deadLetter"/g)).toHaveLength(EVENTS);

    // Two applications start at the same time, so both read the folder.
    const start = () =>
      TestHost.start({
        database: place(),
        options: { storage: { spillPath: folder } },
        providers: [HeldScripts],
      });
    const next = await Promise.all([start(), start()]);
    for (const host of next) host.get(HeldScripts).release();
    await waitFor('all are resolved', async () => {
      const letters = await next[0].deadLetters();
      return letters.length === EVENTS && letters.every(({ status }) => status === 'resolved');
    });
    await waitFor('the file is gone', async () => (await readdir(folder)).length === 0);
    await Promise.all(next.map((host) => host.close()));
    const completed = (await next[0].executions(script)).filter(({ status }) => status === 'completed');
    expect(completed.map(({ result }) => Number(result)).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: EVENTS }, (_, i) => i + 1),
    );
  });

  it('needs a writable folder storage.spillPath, without which the start fails', async () => {
    await expect(
      TestHost.start({ database: place(), options: { storage: { spillPath: join(folder, 'missing') } } }),
    ).rejects.toMatchObject({ code: 'spill-folder' });
  });
});

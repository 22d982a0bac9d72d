import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { TypeOrmActiveScripts } from '../../../lib/scripts/typeorm-active-scripts.js';
import { awayError } from '../../support/away-error.js';
import { createTestSchema, type TestSchema } from '../../support/postgres.js';
import { newScript, scriptServices, type ScriptServices } from '../../support/script-services.js';
import { waitFor } from '../../support/wait-for.js';
import { matchScripts } from '../../support/match-scripts';
import { itInFull } from '../../support/test-form.js';

const LISTENERS = "application_name = 'scripts-event-index' AND datname = current_database()";

let schema: TestSchema;
let quiet: jest.SpyInstance[];

beforeEach(async () => {
  schema = await createTestSchema();
  quiet = [
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(),
    jest.spyOn(Logger.prototype, 'log').mockImplementation(),
  ];
});
afterEach(() => quiet.forEach((spy) => spy.mockRestore()));

async function started(options = {}, dataSource = schema.dataSource): Promise<ScriptServices> {
  const services = scriptServices(dataSource, { listen: true, ...options });
  await services.sync.start();
  await waitFor('it listens', () => services.sync.freshness.listening);
  return services;
}

/** Server processes that listen on this schema's channel. */
async function listeners(): Promise<number[]> {
  const rows: { pid: number }[] = await schema.dataSource.query(
    `SELECT pid FROM pg_stat_activity WHERE ${LISTENERS} AND query LIKE 'LISTEN%' || (
      SELECT left(md5(current_schema() || '.scripts'), 16)) || '%'`,
  );
  return rows.map(({ pid }) => pid);
}

async function cut(): Promise<void> {
  for (const pid of await listeners())
    await schema.dataSource.query('SELECT pg_terminate_backend($1)', [pid]);
}

describe('a cut of the listening connection', () => {
  /** How many losses were logged. The index may listen again before a test can see that it doesn't. */
  const losses = (): number => jest.mocked(Logger.prototype.warn).mock.calls.length;

  it('is followed by a new connection, and changes in between are found', async () => {
    const { index, sync } = await started();
    const before = await listeners();
    expect(before).toHaveLength(1);
    await cut();
    await waitFor('the loss is seen', () => losses() > 0);
    // By SQL, so that only a notification or a poll can tell the index.
    await schema.dataSource.query(`INSERT INTO scripts (id, tenant_id, name, event_types, status)
      VALUES (gen_random_uuid(), 'acme', 'Meanwhile', ARRAY['user.created'], 'active')`);
    await waitFor('it is found', () => index.has('user.created', 'acme'));
    await waitFor('it listens again', () => sync.freshness.listening);
    expect(await listeners()).not.toEqual(before);
  });

  it('causes one warning, and one log line when it is over', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const told = jest.spyOn(Logger.prototype, 'log').mockImplementation();
    await started();
    for (let round = 1; round <= 2; round += 1) {
      await cut();
      await waitFor('the loss is seen', () => losses() >= round);
      await waitFor('it listens again', () => told.mock.calls.length >= round);
    }
    const begins = expect.stringContaining('Script changes are found only by polling: ');
    const ends = 'Script changes are received immediately again.';
    expect(warned.mock.calls).toEqual([[begins], [begins]]);
    expect(told.mock.calls).toEqual([[ends], [ends]]);
  });

  itInFull('leaves one connection after many cuts, and later changes still arrive', async () => {
    const { service, index, sync } = await started();
    for (let round = 1; round <= 3; round += 1) {
      await cut();
      await waitFor('the loss is seen', () => losses() >= round);
      await waitFor(
        'it listens again',
        async () => sync.freshness.listening && (await listeners()).length === 1,
      );
    }
    await service.create('acme', newScript({ active: true }));
    expect(index.has('user.created', 'acme')).toBe(true);
  });
});

describe('when the host closes its DataSource and opens it again', () => {
  it('nothing is thrown meanwhile, and the index listens for changes afterwards', async () => {
    const own = await new DataSource(schema.options).initialize();
    const { sync } = await started({}, own);
    await own.destroy();
    const asked = jest.fn(() => undefined);
    Object.defineProperty(own.driver, 'master', { get: asked, set: () => {}, configurable: true });
    await cut();
    await waitFor('it has tried twice', () => asked.mock.calls.length >= 2);
    Reflect.deleteProperty(own.driver, 'master');
    await own.initialize();
    await waitFor('it listens again', () => sync.freshness.listening);
    expect(sync.freshness.listening).toBe(true);
    await sync.stop();
    await own.destroy();
  });
});

describe('while the scripts cannot be read', () => {
  it('routing goes on with the scripts in memory, freshness has the error, and the index catches up afterwards', async () => {
    const { service, index, sync } = await started({ listen: true });
    await service.create('acme', newScript({ active: true }));
    await schema.dataSource.query('ALTER TABLE scripts RENAME TO scripts_away');
    await sync.poll();
    expect(sync.freshness).toMatchObject({ error: expect.stringContaining('scripts') });
    const { syncedAt } = sync.freshness;
    expect(matchScripts(index, 'user.created', 'acme', {}).matched).toHaveLength(1);
    await sync.poll();
    expect(sync.freshness.syncedAt).toBe(syncedAt);
    expect(jest.mocked(Logger.prototype.warn).mock.calls.length).toBe(1);

    await schema.dataSource.query('ALTER TABLE scripts_away RENAME TO scripts');
    await schema.dataSource.query("UPDATE scripts SET name = 'Renamed'");
    await sync.poll();
    expect(sync.freshness.error).toBeNull();
    expect(sync.freshness.syncedAt).toBeGreaterThanOrEqual(syncedAt ?? Infinity);
    expect(matchScripts(index, 'user.created', 'acme', {}).matched).toMatchObject([{ name: 'Renamed' }]);
  });

  it('a stored change does not fail although the index cannot be updated', async () => {
    const { service, sync, index } = await started();
    const reading = jest
      .spyOn(TypeOrmActiveScripts.prototype, 'byIds')
      .mockRejectedValue(awayError('too many connections'));
    await service.create('acme', newScript({ active: true }));
    expect(index.has('user.created', 'acme')).toBe(false);
    reading.mockRestore();
    await sync.poll();
    expect(index.has('user.created', 'acme')).toBe(true);
  });
});

describe('a poll', () => {
  it('finds a change whose transaction committed after one with a later revision', async () => {
    const { index, sync } = await startedWithoutListening();
    const insert = `INSERT INTO scripts (id, tenant_id, name, event_types, status)
      VALUES (gen_random_uuid(), $1, 'Script', ARRAY['user.created'], 'active')`;
    const slow = schema.dataSource.createQueryRunner();
    await slow.startTransaction();
    await slow.query(insert, ['first number, last commit']);
    await schema.dataSource.query(insert, ['last number, first commit']);
    await sync.poll();
    expect(index.has('user.created', 'last number, first commit')).toBe(true);
    await slow.commitTransaction();
    await slow.release();
    await sync.poll();
    expect(index.has('user.created', 'first number, last commit')).toBe(true);
  });

  it('finds deletions and a truncated table, for which there is no notification', async () => {
    const { index, sync, service } = await startedWithoutListening();
    await service.create('acme', newScript({ active: true }));
    await schema.dataSource.query('TRUNCATE scripts CASCADE');
    await sync.poll();
    expect(index.stats().scripts).toBe(0);
  });

  it('sends one query when nothing has changed', async () => {
    const { sync, service } = await startedWithoutListening();
    await service.create('acme', newScript({ active: true }));
    const queries = jest.spyOn(schema.dataSource, 'createQueryRunner');
    await sync.poll();
    expect(queries).toHaveBeenCalledTimes(1);
    queries.mockRestore();
  });
});

describe('a stop of the index', () => {
  it('ends its connection and its timer, and a second stop does nothing', async () => {
    const { sync, service, index } = await started({ pollIntervalMs: 10 });
    await sync.stop();
    await sync.stop();
    await waitFor('the server has let go of the connection', async () => (await listeners()).length === 0);
    const queries = jest.spyOn(schema.dataSource, 'createQueryRunner');
    await sync.poll();
    await sync.refresh('01900000-0000-7000-8000-000000000000');
    expect(queries).not.toHaveBeenCalled();
    queries.mockRestore();
    await service.create('acme', newScript({ active: true }));
    expect(index.has('user.created', 'acme')).toBe(false);
  });

  it('ends a start that is under way', async () => {
    const { sync } = scriptServices(schema.dataSource, { listen: true });
    const starting = sync.start().catch(() => undefined);
    await sync.stop();
    await starting;
    await waitFor('no connection is left', async () => (await listeners()).length === 0);
    expect(sync.freshness.listening).toBe(false);
  });
});

async function startedWithoutListening(): Promise<ScriptServices> {
  const services = scriptServices(schema.dataSource);
  await services.sync.start();
  return services;
}

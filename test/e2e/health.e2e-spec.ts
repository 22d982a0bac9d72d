import { DataSource } from 'typeorm';
import { SCRIPTS_EVENT_ENTITIES, ScriptsEventHealth } from '../../lib/index.js';
import type { ComponentHealth, HealthComponent, HealthReport } from '../../lib/index.js';
import { SCRIPTS_EVENT_MIGRATIONS } from '../../migrations/index.js';
import { createTestSchema, type TestSchema, testDatabaseUrl } from '../support/postgres.js';
import { waitFor } from '../support/wait-for.js';
import { durableHost } from './support/durable-host.js';
import { RecordedLog } from './support/recorded-log.js';
import { ADA, TestHost } from './support/test-host.js';

const event = (userId = 1) => ({ ...ADA, tenantId: 'acme', userId });
const healthOf = (host: TestHost): ScriptsEventHealth => host.get(ScriptsEventHealth);

/** Waits until a report has what is expected. */
async function found(
  host: TestHost,
  what: string,
  when: (report: HealthReport) => boolean,
): Promise<HealthReport> {
  let last = '';
  try {
    return await waitFor(what, async () => {
      const report = await healthOf(host).check();
      last = report.summary;
      return when(report) ? report : undefined;
    });
  } catch (cause) {
    throw new Error(`${(cause as Error).message}; the last report: ${last}`, { cause });
  }
}

const part = (report: HealthReport, name: HealthComponent): ComponentHealth | undefined =>
  report.components[name];

describe('the health of a running application', () => {
  it('is up, and so is each of its parts', async () => {
    const host = await TestHost.start();
    await host.script('return 1;');
    host.emit('user.created', event());
    await host.executed(1);
    const report = await found(host, 'all is up', ({ status }) => status === 'up');
    expect(report.summary).toBe('up');
    expect(Object.keys(report.components)).toEqual([
      'intake',
      'database',
      'schema',
      'queue',
      'workers',
      'sandbox',
      'index',
      'retries',
      'records',
      'retention',
      'schedules',
    ]);
    expect(part(report, 'database')?.reason).toMatch(/^answered in \d+(\.\d)?\u00a0ms$/);
    expect(healthOf(host).snapshot().status).toBe('up');
  });

  it('is degraded when the queue is full, and up again when it has drained', async () => {
    const host = await TestHost.with({ buffer: { size: 2, workerCount: 1 } });
    await host.script('const end = Date.now() + 600; while (Date.now() < end); return 1;');
    for (let userId = 1; userId <= 5; userId++) host.emit('user.created', event(userId));
    const report = healthOf(host).snapshot();
    expect(report.status).toBe('degraded');
    expect(part(report, 'queue')).toMatchObject({
      status: 'degraded',
      reason: '2 of 2 queued events are waiting: the buffer is full, and new events overflow',
      figures: { depth: 2, capacity: 2 },
    });
    await found(host, 'the queue has drained', ({ components }) => components.queue.status === 'up');
  });

  it('is degraded when the script index is older than its limit', async () => {
    const host = await TestHost.with({ index: { pollInterval: '50ms' }, health: { maxIndexAge: '200ms' } });
    await host.database.dataSource.transaction(async (migration) => {
      await migration.query('LOCK TABLE scripts IN ACCESS EXCLUSIVE MODE');
      const stale = await waitFor('the index is stale', () => {
        const report = healthOf(host).snapshot();
        return report.components.index.status === 'up' ? undefined : report;
      });
      expect(stale.status).toBe('degraded');
      expect(part(stale, 'index')?.reason).toContain(
        'longer than 200\u00a0ms; events are routed to the scripts as they were then',
      );
    });
    await found(host, 'the index is fresh', ({ components }) => components.index.status === 'up');
  });

  it('is degraded when no connection of the pool is free', async () => {
    const host = await TestHost.with({ health: { databaseTimeout: '100ms' } });
    const pool = host.app.get(DataSource);
    const taken = Array.from({ length: 10 }, () => pool.createQueryRunner());
    await Promise.all(taken.map((runner) => runner.connect()));
    const report = await healthOf(host).check();
    expect(report.status).toBe('degraded');
    expect(part(report, 'database')?.reason).toContain(
      'no answer or no free pool connection within 100\u00a0ms',
    );
    await Promise.all(taken.map((runner) => runner.release()));
    await found(host, 'the database answers', ({ components }) => components.database.status === 'up');
  });

  it('is down when a table is gone', async () => {
    const host = await TestHost.start();
    await host.database.dataSource.query('ALTER TABLE dead_letter_queue RENAME TO gone');
    const report = await found(host, 'it is down', ({ status }) => status === 'down');
    await host.database.dataSource.query('ALTER TABLE gone RENAME TO dead_letter_queue');
    expect(part(report, 'schema')?.reason).toMatch(
      /^the database lacks table \S*dead_letter_queue: run the migrations$/,
    );
  });

  it('is down after the application has stopped, and a check does not throw', async () => {
    const host = await TestHost.start();
    const health = healthOf(host);
    await host.close();
    const report = await health.check();
    expect(report.status).toBe('down');
    expect(part(report, 'intake')).toMatchObject({ status: 'down', figures: { phase: 'stopped' } });
    expect(part(report, 'database')?.status).toBe('down');
  });
});

describe('a node with the durable buffer', () => {
  it('has a degraded health while it has no lease, and is up when it has one again', async () => {
    const host = await durableHost({ buffer: { heartbeat: 200, lease: '1s' } });
    await found(host, 'the node has its lease', ({ components }) => components.lease?.status === 'up');
    await host.database.dataSource.transaction(async (stuck) => {
      await stuck.query('LOCK TABLE scripts_event_nodes IN ACCESS EXCLUSIVE MODE');
      const report = await found(host, 'it is lost', ({ components }) => components.lease?.status === 'down');
      expect(report.status).toBe('degraded');
      expect(part(report, 'lease')?.reason).toContain('other nodes run the queued events');
    });
    await found(host, 'the node is back', ({ components }) => components.lease?.status === 'up');
  });
});

describe('an unavailable database', () => {
  const name = `health_${process.pid}_${Date.now().toString(36)}`;
  const url = (): string => Object.assign(new URL(testDatabaseUrl()), { pathname: `/${name}` }).href;
  let admin: DataSource;

  beforeAll(async () => {
    admin = await new DataSource({ type: 'postgres', url: testDatabaseUrl() }).initialize();
    await admin.query(`CREATE DATABASE "${name}"`);
  });
  afterAll(async () => {
    await admin.query(`DROP DATABASE "${name}" WITH (FORCE)`);
    await admin.destroy();
  });

  const letIn = (allowed: boolean): Promise<unknown> =>
    admin.query(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS ${allowed}`);

  it('makes the report degraded while events still run; all parts are up when the database is back', async () => {
    const options = {
      ...(await createTestSchema()).options,
      url: url(),
      schema: 'public',
      extra: {},
      entities: SCRIPTS_EVENT_ENTITIES,
      migrations: SCRIPTS_EVENT_MIGRATIONS,
    };
    const dataSource = await new DataSource(options).initialize();
    await dataSource.runMigrations();
    await dataSource.destroy();
    const host = await TestHost.start({
      database: {
        name: 'public',
        options,
        dataSource: admin,
        connect: () => new DataSource(options).initialize(),
      } satisfies TestSchema,
      logger: new RecordedLog(),
      options: { index: { pollInterval: '50ms' }, health: { databaseTimeout: '1s' } },
    });
    const completed = host.heard('script.execution.completed');
    await host.script('return 1;');
    host.emit('user.created', event());
    await waitFor('one has run', () => completed.length === 1);
    await found(host, 'all is up', ({ status }) => status === 'up');

    await letIn(false);
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    // At first, the connections of the pool end with other error codes; later, new ones are refused.
    const away = await found(
      host,
      'the outage is seen',
      ({ components: { database, retries } }) =>
        retries.status !== 'up' && database.status === 'down' && database.reason.includes('55000'),
    );
    expect(away.status).toBe('degraded');
    expect(away.summary).toMatch(
      /^degraded; database is down: .*retries is degraded: retries are waiting for the database/,
    );
    expect(JSON.stringify(away)).not.toMatch(/postgres:\/\/|127\.0\.0\.1|localhost/);
    host.emit('user.created', event(2));
    await waitFor('the second has run', () => completed.length === 2);

    await letIn(true);
    await found(host, 'all is up again', ({ status }) => status === 'up');
    await host.close();
  });
});

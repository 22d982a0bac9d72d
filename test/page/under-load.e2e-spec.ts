import { DataSource, type DataSourceOptions } from 'typeorm';
import { SCRIPTS_EVENT_ENTITIES } from '../../lib/index.js';
import { SCRIPTS_EVENT_MIGRATIONS } from '../../migrations/index.js';
import { AdminHost } from '../e2e/support/admin-host.js';
import type { TestSchema } from '../support/postgres.js';
import { StoppableServer } from '../support/stoppable-server.js';
import { FULL } from '../support/test-form.js';
import { limitTests } from '../support/time-limits.js';
import { waitFor } from '../support/wait-for.js';
import { inBrowserInFull, Visitors } from './support/browser.js';

limitTests('long');

const ROWS = 1_000;

/** A UUID of version 7 for a time some seconds ago, as the package makes them. Lists are ordered by it. */
const ID = `
  (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - 60000 + n), 12, '0') || '7' || substr(md5(n::text), 1, 3)
    || '8' || substr(md5(n::text), 5, 15))::uuid`;

/** Inserts exhausted dead letters, each with an execution. */
const FILL = `
  WITH failed AS (
    INSERT INTO script_executions (id, tenant_id, script_id, script_version, event_id, event_type, attempt, trigger, status,
      error_kind, error_message, duration_ms, cpu_ms, queue_ms, idempotency_key, started_at, finished_at)
    SELECT ${ID}, 'acme', $1, 1, 'event-' || n, 'user.created', 1, 'event', 'failed', 'runtime', 'no luck', 1, 1, 1,
      'key-' || n, now(), now()
    FROM generate_series(1, ${ROWS}) n RETURNING event_id, replace(event_id, 'event-', '')::int AS n
  )
  INSERT INTO dead_letter_queue (id, tenant_id, script_id, script_version, event_id, event_type, event_data, cause, attempts, occurred_at, reason,
    error, error_kind, status, retry_count, max_retries)
  SELECT ${ID}, 'acme', $1, 1, event_id, 'user.created', '{}', '{}', '[]', now(), 'failed', 'no luck', 'runtime', 'exhausted', 0, 0
  FROM failed`;

inBrowserInFull('the page of a tenant with a thousand dead letters', () => {
  let server: StoppableServer;
  let database: DataSource;
  let admin: AdminHost;
  let visitors: Visitors;

  beforeAll(async () => {
    server = await StoppableServer.create();
    const options: DataSourceOptions = {
      type: 'postgres',
      url: server.url,
      schema: 'public',
      entities: SCRIPTS_EVENT_ENTITIES,
      migrations: SCRIPTS_EVENT_MIGRATIONS,
      connectTimeoutMS: 2_000,
    };
    database = await new DataSource(options).initialize();
    await database.runMigrations();
    const place: TestSchema = {
      name: 'public',
      options: options as TestSchema['options'],
      connect: () => new DataSource(options).initialize(),
      dataSource: database,
    };
    admin = await AdminHost.start({ database: place });
    visitors = await Visitors.at(await admin.listen());
    const script = await admin.host.script('return 1;', { name: 'Busy' });
    await database.query(FILL, [script]);
  });
  afterEach(() => visitors.leave());
  afterAll(async () => {
    await visitors.close();
    await admin.close();
    if (database.isInitialized) await database.destroy();
    await server.dispose();
  });

  it('shows the rows page by page, and new ones after a click on a button', async () => {
    const page = await visitors.open('/executions');
    const rows = page.getByRole('table', { name: 'Executions' }).getByRole('row');
    await rows.nth(50).waitFor();
    // All pages in the full form, otherwise the first ones.
    const last = FULL ? ROWS : 150;
    while ((await rows.count()) < last + 1) {
      const before = await rows.count();
      await page.getByRole('button', { name: 'Show more' }).click();
      await waitFor('the next page is there', async () => (await rows.count()) > before);
      await waitFor('nothing is loading', async () => (await page.getByText('Loading…').count()) === 0);
    }
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(FULL ? 0 : 1);
    const newest = rows.nth(1).getByRole('link');
    const first = await newest.getAttribute('href');
    admin.host.emit('user.created', { tenantId: 'acme', userId: 1, email: 'a@example.com' });
    await page.getByRole('button', { name: 'Show 1 new' }).waitFor();
    expect(await newest.getAttribute('href')).toBe(first);
    await page.getByRole('button', { name: 'Show 1 new' }).click();
    await rows.nth(1).getByText('completed').waitFor();
  });

  it('requires the number to be typed before it discards all of them, and shows its progress', async () => {
    const page = await visitors.open('/dead-letters');
    await page.getByRole('button', { name: 'Discard all matching' }).click();
    const dialog = page.getByRole('dialog', { name: 'Discard dead letters' });
    await dialog.getByText('1,000 dead letters match').waitFor();
    await dialog.getByLabel('Why are they no longer needed?').fill('A test has made them');
    const discard = dialog.getByRole('button', { name: 'Discard 1,000' });
    expect(await discard.isDisabled()).toBe(true);
    await dialog.getByLabel('Type 1000 to confirm').fill('100');
    expect(await discard.isDisabled()).toBe(true);
    await dialog.getByLabel('Type 1000 to confirm').fill('1000');
    await discard.click();
    await dialog.getByText(/of 1,000 discarded/).waitFor();
    await page.getByText('1,000 dead letters discarded').waitFor();
    const [{ count }] = await database.query<[{ count: string }]>(
      "SELECT count(*) FROM dead_letter_queue WHERE status = 'discarded' AND resolved_by = 'ada'",
    );
    expect(Number(count)).toBe(ROWS);
  });

  it('keeps its content while the database is away, says so, and goes on by itself', async () => {
    const page = await visitors.open('/scripts');
    await page.getByRole('link', { name: 'Busy' }).waitFor();
    await server.stop();
    const alert = page.getByRole('alert');
    await alert.getByText('What you see may be out of date').waitFor({ timeout: 60_000 });
    expect(await page.getByRole('link', { name: 'Busy' }).count()).toBe(1);
    await server.start();
    await alert.waitFor({ state: 'detached', timeout: 60_000 });
    await page.getByRole('link', { name: 'Busy' }).click();
    await page.getByRole('heading', { level: 1, name: 'Busy' }).waitFor();
    await visitors.leave([500, 503]);
  });
});

import { Logger } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { TypeOrmScriptHealthRepository } from '../../../lib/breaker/typeorm-script-health.repository.js';
import { AlertChannel, type DeadLetterAlert, type ScriptAlert } from '../../../lib/alerts/alert.channel.js';
import { AlertDispatcher, type AlertDispatcherOptions } from '../../../lib/alerts/alert.dispatcher.js';
import { claimAlertsSql } from '../../../lib/dead-letter/store/alert-claims.sql.js';
import { TypeOrmDeadLetterQueueRepository } from '../../../lib/dead-letter/store/typeorm-dead-letter-queue.repository.js';
import { PrimaryDatabase } from '../../../lib/entities/primary-database.js';
import { createTestSchema, type TestSchema } from '../../support/postgres.js';
import { planOf, rowsRead } from '../../support/query-plan.js';
import { FULL } from '../../support/test-form.js';
import { DeadLetterWorld, times } from '../dead-letter/dead-letters.fixture.js';

/** Records each delivery of an alert. Fails while `broken`. */
class Pager extends AlertChannel {
  readonly told: DeadLetterAlert[] = [];
  readonly scripts: ScriptAlert[] = [];
  broken = false;
  /** Called during each delivery. */
  during: (alert: { tenantId: string }) => Promise<unknown> = () => Promise.resolve();

  override get name(): string {
    return 'pager';
  }

  async send(alert: DeadLetterAlert): Promise<void> {
    await this.during(alert);
    if (this.broken) throw new Error('pager is down');
    this.told.push(alert);
  }

  override async sendScriptAlert(alert: ScriptAlert): Promise<void> {
    await this.during(alert);
    this.scripts.push(alert);
  }
}

describe('alerts of many dead letters', () => {
  let schema: TestSchema;
  let world: DeadLetterWorld;
  let pager: Pager;

  beforeAll(async () => {
    schema = await createTestSchema();
    world = new DeadLetterWorld(schema.dataSource);
  });

  beforeEach(() => {
    pager = new Pager();
    jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    jest.spyOn(Logger.prototype, 'error').mockImplementation();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await schema.dataSource.query('TRUNCATE script_health');
    await world.clear();
  });

  const dispatcher = (options: Partial<AlertDispatcherOptions> = {}): AlertDispatcher =>
    new AlertDispatcher(world.repository, [pager], { retryDelayMs: 0, ...options }, [
      new TypeOrmScriptHealthRepository(schema.dataSource, 100),
    ]);
  const exhausted = { status: 'exhausted' } as const;
  const of = (tenantId: string) => ({ ...exhausted, tenantId });
  /** Moves the times of all sent alerts back, so that the interval is over. */
  const passInterval = () =>
    schema.dataSource.query(`UPDATE dead_letter_queue SET alerted_at = alerted_at - interval '2 minutes'`);

  it('are one alert for each script, with their number, and none is reported twice', async () => {
    const [first] = await world.add(await world.script(), ...times(40, () => exhausted));
    const [other] = await world.add(await world.script(), exhausted);
    expect(await dispatcher().dispatch()).toBe(2);
    expect(pager.told.map(({ deadLetterId, count }) => [deadLetterId, count])).toEqual([
      [first?.id, 40],
      [other?.id, 1],
    ]);
    expect(await world.countWhere('alerted_at IS NULL')).toBe(0);
    expect(await dispatcher().dispatch()).toBe(0);
  });

  it('of a script that keeps failing are one alert in each interval, and all are reported', async () => {
    const script = await world.script();
    await world.addOne(script, exhausted);
    await dispatcher().dispatch();
    for (let round = 0; round < 5; round++) {
      await world.add(script, exhausted, exhausted);
      expect(await dispatcher().dispatch()).toBe(0);
    }
    await passInterval();
    expect(await dispatcher().dispatch()).toBe(1);
    expect(pager.told.map(({ count }) => count)).toEqual([1, 10]);
    expect(await world.countWhere('alerted_at IS NULL')).toBe(0);
  });

  it('are reported once each when an older dead letter is exhausted while the alert of a newer one is being sent', async () => {
    const script = await world.script();
    const [older, younger] = await world.add(script, { status: 'pending' }, exhausted);
    pager.during = async () => {
      pager.during = () => Promise.resolve();
      await schema.dataSource.query(
        `UPDATE dead_letter_queue SET status = 'exhausted', next_retry_at = NULL WHERE id = $1`,
        [older?.id],
      );
      await dispatcher().dispatch();
    };
    await dispatcher().dispatch();
    expect(pager.told.map(({ deadLetterId, count }) => [deadLetterId, count])).toEqual([
      [older?.id, 1],
      [younger?.id, 1],
    ]);
    expect(await world.countWhere('alerted_at IS NULL')).toBe(0);
  });

  it('stay one group while a channel is down; later dead letters become the next alert', async () => {
    const script = await world.script();
    const [first] = await world.add(script, ...times(3, () => exhausted));
    pager.broken = true;
    await dispatcher().dispatch();
    await world.add(script, exhausted, exhausted);
    await world.endLeases();
    pager.broken = false;
    await dispatcher().dispatch();
    expect(pager.told).toMatchObject([{ deadLetterId: first?.id, count: 3 }]);
    await passInterval();
    await dispatcher().dispatch();
    expect(pager.told.map(({ count }) => count)).toEqual([3, 2]);
  });

  it("of one tenant delay another tenant's alert by at most one batch", async () => {
    for (let at = 0; at < 30; at++) await world.addOne(await world.script('evil'), of('evil'));
    const good = await world.script('good');
    let deliveries = 0;
    pager.during = async () => {
      deliveries += 1;
      if (deliveries === 1) await world.addOne(good, of('good'));
    };
    await dispatcher({ batchSize: 5 }).dispatch();
    expect(pager.told).toHaveLength(31);
    // The first batch was claimed before the other tenant's dead letter came. That one is in the next batch.
    expect(pager.told.findIndex(({ tenantId }) => tenantId === 'good')).toBeLessThan(10);
  });

  it('and alerts of scripts that the breaker has stopped take turns between tenants in the same way', async () => {
    const scripts = await Promise.all(times(30, () => world.script('evil')));
    const good = await world.script('good');
    for (const [at, script] of [...scripts, good].entries())
      await schema.dataSource.query(
        `INSERT INTO script_health (script_id, tenant_id, version, changes, changed_to, changed_at)
         VALUES ($1, $2, 1, 1, 'disabled', now() + $3 * interval '1 ms')`,
        [script, script === good ? 'good' : 'evil', at],
      );
    await world.addOne(good, of('good'));
    await dispatcher({ batchSize: 5 }).dispatch();
    expect(pager.scripts).toHaveLength(31);
    expect(pager.scripts.findIndex(({ tenantId }) => tenantId === 'good')).toBeLessThan(5);
    expect(pager.told).toHaveLength(1);
  });

  /** Adds tenants with two scripts each, and an exhausted dead letter for each script. The table has no statistics of them. */
  const addTenants = (count: number): Promise<unknown> =>
    schema.dataSource.query(
      `WITH s AS (INSERT INTO scripts (id, tenant_id, name, event_types)
         SELECT gen_random_uuid(), 'tenant ' || lpad(t::text, 4, '0'), 'script ' || n, '{a.b}'
           FROM generate_series(1, $1::int) t, generate_series(1, 2) n RETURNING id, tenant_id)
       INSERT INTO dead_letter_queue (id, tenant_id, script_id, event_id, event_type, event_data, occurred_at, cause,
           reason, error, status)
         SELECT gen_random_uuid(), tenant_id, id, 'e', 'a.b', '{}', now(), '{}', 'failed', 'e', 'exhausted' FROM s`,
      [count],
    );
  const claimPlan = () =>
    planOf(schema.dataSource, claimAlertsSql('"dead_letter_queue"', '"scripts"'), [
      5,
      uuid(),
      60_000,
      '',
      60_000,
    ]);

  it('of hundreds of tenants are all alerted: each tenant has one alert before any tenant has a second', async () => {
    await addTenants(250);
    expect(await dispatcher({ batchSize: 50 }).dispatch()).toBe(500);
    expect(new Set(pager.told.slice(0, 250).map(({ tenantId }) => tenantId)).size).toBe(250);
    expect(await world.countWhere('alerted_at IS NULL')).toBe(0);
  });

  it('of the last tenants of a round are followed by those of the first tenants, not by the second ones of the last tenants', async () => {
    await addTenants(7);
    expect(await dispatcher({ batchSize: 5 }).dispatch()).toBe(14);
    // The alerts of one claim are sent at the same time.
    for (const claim of [pager.told.slice(0, 5), pager.told.slice(5, 10)])
      expect(new Set(claim.map(({ tenantId }) => tenantId)).size).toBe(5);
    expect(await world.countWhere('alerted_at IS NULL')).toBe(0);
  });

  it('of tenants that only a later claim finds come before the second ones of tenants found first', async () => {
    await addTenants(250);
    // A claim looks at a hundred tenants. Somebody else has locked the dead letters of all but two of each hundred.
    await schema.dataSource.query(
      `UPDATE dead_letter_queue SET locked_by = 'somebody', locked_until = now() + interval '1 hour'
        WHERE right(tenant_id, 4)::int NOT IN (1, 2, 150, 151, 240, 241)`,
    );
    expect(await dispatcher({ batchSize: 3 }).dispatch()).toBe(12);
    const turns = pager.told.map(({ tenantId }) => tenantId);
    expect(new Set(turns.slice(0, 6)).size).toBe(6);
    expect(new Set(turns.slice(6)).size).toBe(6);
  });

  it.each(FULL ? [1, 100, 250, 1_000] : [100])(
    'of %i tenants delay an alert that comes meanwhile by at most one delivery for each tenant, with two statements for a claim',
    async (tenants) => {
      await addTenants(tenants);
      const good = await world.script('good');
      const alerts = dispatcher();
      pager.during = async () => {
        pager.during = async ({ tenantId }) => {
          if (tenantId === 'good') void alerts.stop(0);
        };
        await world.addOne(good, of('good'));
      };
      const claims = jest.spyOn(world.repository, 'claimAlerts');
      const statements = jest.spyOn(PrimaryDatabase.prototype, 'query');
      // A pass sends only the alerts that it has found at its start. A later dead letter starts another pass.
      await alerts.dispatch();
      await alerts.dispatch();
      const batches = await Promise.all(
        claims.mock.results.map(({ value }) => value as ReturnType<typeof world.repository.claimAlerts>),
      );
      const told = batches.map((batch) => batch.map(({ deadLetter }) => deadLetter.tenantId));
      const turn = told.findIndex((batch) => batch.includes('good'));
      expect(turn).toBeGreaterThan(0);
      // The first batch was claimed before the other tenant's dead letter came.
      const before = told.slice(1, turn).flat();
      expect(new Set(before).size).toBe(before.length);
      expect(turn).toBeLessThanOrEqual(Math.ceil(tenants / 5));
      // Two statements for each claim, one for each alert that is recorded, and one at the end of the round.
      const looks = statements.mock.calls.length - pager.told.length;
      expect(looks).toBeLessThanOrEqual(2 * told.length + 3);
    },
  );

  it('of hundreds of tenants are looked up once for each tenant and script in a claim, even without statistics of the table', async () => {
    await addTenants(250);
    const steps = await claimPlan();
    // One look-up for each of the 100 tenants and 200 scripts of a claim, and not one for each row that waits.
    const loops = steps
      .filter((step) => step['Relation Name'] === 'dead_letter_queue')
      .map((step) => step['Actual Loops']);
    expect(Math.max(...loops)).toBeLessThanOrEqual(200);
  });

  it('of 250 tenants make a claim read at most twice as many rows as those of 100 tenants', async () => {
    const rows: number[] = [];
    for (const tenants of [100, 250]) {
      await schema.dataSource.query('TRUNCATE dead_letter_queue, scripts CASCADE');
      await addTenants(tenants);
      await schema.dataSource.query('ANALYZE dead_letter_queue');
      rows.push(
        rowsRead((await claimPlan()).filter((step) => step['Relation Name'] === 'dead_letter_queue')),
      );
    }
    expect(rows[1]).toBeLessThanOrEqual(2 * Number(rows[0]));
  });

  it('are claimed once each by two dispatchers with their own connections', async () => {
    for (let at = 0; at < 20; at++)
      await world.add(await world.script(`tenant ${at % 4}`), ...times(3, () => of(`tenant ${at % 4}`)));
    const other = new TypeOrmDeadLetterQueueRepository(await schema.connect());
    const both = [dispatcher(), new AlertDispatcher(other, [pager], { batchSize: 3 })];
    await Promise.all(both.map((one) => one.dispatch()));
    await Promise.all(both.map((one) => one.dispatch()));
    expect(pager.told.map(({ count }) => count).reduce((sum, count) => sum + count, 0)).toBe(60);
    expect(new Set(pager.told.map(({ scriptId }) => scriptId)).size).toBe(20);
  });

  it('of one script are skipped through the index: a claim reads fewer than a thousand of ten thousand rows', async () => {
    const script = await world.script('evil');
    await schema.dataSource.query(
      `INSERT INTO dead_letter_queue (id, tenant_id, script_id, event_id, event_type, event_data, occurred_at, cause,
           reason, error, status, locked_by, locked_until)
         SELECT gen_random_uuid(), CASE WHEN n > 10000 THEN 'tenant ' || n ELSE 'evil' END,
           CASE WHEN n > 10000 THEN gen_random_uuid() ELSE $1::uuid END, 'e' || n, 'a.b', '{}', now(), '{}',
           'failed', 'e', 'exhausted', 'somebody', now() + interval '1 hour'
         FROM generate_series(1, 10050) n`,
      [script],
    );
    await schema.dataSource.query('ANALYZE dead_letter_queue');
    const sql = claimAlertsSql('"dead_letter_queue"', '"scripts"');
    const plan = await planOf(schema.dataSource, sql, [5, uuid(), 60_000, '', 60_000]);
    const scanned = plan.filter((step) => step['Node Type'] === 'Seq Scan');
    expect(scanned.map((step) => step['Relation Name'])).not.toContain('dead_letter_queue');
    const read = plan
      .filter((step) => step['Index Name'] !== undefined)
      .map((step) => Number(step['Actual Rows']) * Number(step['Actual Loops']));
    expect(read.reduce((sum, rows) => sum + rows, 0)).toBeLessThan(1_000);
  });
});

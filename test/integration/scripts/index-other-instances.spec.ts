import { DataSource } from 'typeorm';
import { createTestSchema, type TestSchema } from '../../support/postgres.js';
import { newScript, scriptServices, type ScriptServices } from '../../support/script-services.js';
import { inShortOneIn } from '../../support/test-form.js';
import { waitFor } from '../../support/wait-for.js';
import { matchScripts } from '../../support/match-scripts';
import { limitTests } from '../../support/time-limits.js';

// Thousands of scripts are read while two other test workers run.
limitTests('busy');

let schema: TestSchema;
let here: ScriptServices;
let there: ScriptServices;

/** Starts two instances, each with its own DataSource and index, as in two processes. */
async function startBoth(options: { listen: boolean; pollIntervalMs: number }): Promise<void> {
  const dataSources: DataSource[] = [schema.dataSource, await schema.connect()];
  [here, there] = dataSources.map((dataSource) => scriptServices(dataSource, options)) as [
    ScriptServices,
    ScriptServices,
  ];
  await Promise.all([here.sync.start(), there.sync.start()]);
  if (!options.listen) return;
  await waitFor('both listen', () => here.sync.freshness.listening && there.sync.freshness.listening);
}

const seenThere = (tenant: string, payload: unknown = {}): string =>
  matchScripts(there.index, 'user.created', tenant, payload)
    .matched.map(({ name, version }) => `${name} v${version}`)
    .join();

beforeEach(async () => {
  schema ??= await createTestSchema();
  // Otherwise each instance of the next test would read the thousands of scripts of this one.
  await schema.dataSource.query('DELETE FROM scripts');
});

describe.each([
  // The next poll is far away, so only a notification can report the change.
  { by: 'notification', listen: true, pollIntervalMs: 3_600_000 },
  // As behind PgBouncer in transaction mode.
  { by: 'polling alone', listen: false, pollIntervalMs: 50 },
])('a change of another instance arrives by $by', ({ by, ...options }) => {
  it('when a script is created, changed, paused, activated and deleted', async () => {
    await startBoth(options);
    const tenant = `acme ${by}`;
    const { service } = here;
    const { id } = await service.create(tenant, newScript({ active: true }));
    await waitFor('it is made', () => seenThere(tenant) === 'Welcome v1');
    await service.updateSource(tenant, id, 'return 2;');
    await waitFor('its source is changed', () => seenThere(tenant) === 'Welcome v2');
    await service.update(tenant, id, { filters: { vip: true } });
    await waitFor(
      'its filter is changed',
      () => seenThere(tenant) === '' && seenThere(tenant, { vip: true }) !== '',
    );
    await service.pause(tenant, id);
    await waitFor('it is paused', () => !there.index.has('user.created', tenant));
    await service.activate(tenant, id);
    await waitFor('it is active again', () => there.index.has('user.created', tenant));
    await service.delete(tenant, id);
    await waitFor('it is deleted', () => !there.index.has('user.created', tenant));
    expect(there.index.get(id)).toBeUndefined();
  });
});

describe('many changes at once', () => {
  const ways = [
    { by: 'notification', listen: true, pollIntervalMs: 3_600_000 },
    { by: 'polling alone', listen: false, pollIntervalMs: 50 },
  ];
  // In the short form, the tests of a poll prove what polls find.
  it.each(inShortOneIn(2, ways))(
    'all arrive by $by, even if there are more scripts than one query reads',
    async ({ by, ...options }) => {
      const tenant = `bulk ${by}`;
      const sql = schema.dataSource;
      await sql.query(
        `INSERT INTO scripts (id, tenant_id, name, event_types, status)
        SELECT gen_random_uuid(), $1, 'Script ' || n, ARRAY['user.created'], 'active' FROM generate_series(1, 5600) n`,
        [tenant],
      );
      await startBoth(options);
      expect(matchScripts(there.index, 'user.created', tenant, {}).listening).toBe(5_600);
      await sql.query(
        `UPDATE scripts SET event_types = ARRAY['user.*'], filters = '{"vip": true}'
        WHERE tenant_id = $1 AND name LIKE 'Script 1%'`,
        [tenant],
      );
      await sql.query("DELETE FROM scripts WHERE tenant_id = $1 AND name LIKE 'Script 2%'", [tenant]);
      await sql.query("UPDATE scripts SET status = 'paused' WHERE tenant_id = $1 AND name LIKE 'Script 3%'", [
        tenant,
      ]);
      const seen = (payload: unknown): number =>
        matchScripts(there.index, 'user.created', tenant, payload).matched.length;
      await waitFor(
        'all are as they are in the database',
        () => seen({}) === 2_267 && seen({ vip: true }) === 3_378,
      );
      expect(matchScripts(there.index, 'user.deleted', tenant, { vip: true }).matched).toHaveLength(1_111);
    },
  );
});

describe('a poll', () => {
  const tenant = 'parts';
  const insert = async (count: number): Promise<void> => {
    await schema.dataSource.query(
      `INSERT INTO scripts (id, tenant_id, name, event_types, status)
        SELECT gen_random_uuid(), $1, 'Script ' || gen_random_uuid(), ARRAY['user.created'], 'active' FROM generate_series(1, $2)`,
      [tenant, count],
    );
  };

  it('reads only the revisions of the part in which a script was changed, created or deleted', async () => {
    await insert(3_000);
    await startBoth({ listen: false, pollIntervalMs: 3_600_000 });
    const read: number[] = [];
    const { active, sync, index } = there;
    const revisions = active.revisions.bind(active);
    jest.spyOn(active, 'revisions').mockImplementation(async (parts) => {
      const rows = await revisions(parts);
      read.push(rows.length);
      return rows;
    });
    const { scripts } = index.stats();
    const first = "(SELECT min(id::text)::uuid FROM scripts WHERE tenant_id = 'parts')";
    await schema.dataSource.query(
      `UPDATE scripts SET event_types = ARRAY['user.deleted'] WHERE id = ${first}`,
    );
    await sync.poll();
    expect(matchScripts(index, 'user.deleted', tenant, {}).listening).toBe(1);
    await schema.dataSource.query(`DELETE FROM scripts WHERE id = ${first}`);
    await sync.poll();
    expect(matchScripts(index, 'user.deleted', tenant, {}).listening).toBe(0);
    await insert(1);
    await sync.poll();
    expect(index.stats().scripts).toBe(scripts);
    expect(read).toHaveLength(3);
    // About one in 256.
    for (const rows of read) expect(rows).toBeLessThan(100);
    await sync.poll();
    expect(read).toHaveLength(3);
  });

  it('computes the same digests of the parts as the database', async () => {
    await insert(300);
    const { active, index, sync } = scriptServices(schema.dataSource);
    expect(index.digests.differing(await active.digests()).length).toBeGreaterThan(100);
    await sync.start();
    const digests = await active.digests();
    expect(index.digests.differing(digests)).toEqual([]);
    expect(index.digests.toString()).toBe(await active.digest());
    expect(index.digests.differing(new Map())).toHaveLength(digests.size);
  });
});

describe('notifications of changed scripts', () => {
  it('lead to few queries when many scripts change in one transaction', async () => {
    await startBoth({ listen: true, pollIntervalMs: 3_600_000 });
    const reads = jest.spyOn(there.active, 'byIds');
    await schema.dataSource.query(`INSERT INTO scripts (id, tenant_id, name, event_types, status)
      SELECT gen_random_uuid(), 'many', 'Script ' || n, ARRAY['user.created'], 'active' FROM generate_series(1, 1100) n`);
    await waitFor(
      'all are there',
      () => matchScripts(there.index, 'user.created', 'many', {}).listening === 1_100,
    );
    expect(reads.mock.calls.length).toBeLessThan(50);
  });

  it('do not reach an application with another prefix in the same schema', async () => {
    const settings = { ...schema.options, entityPrefix: 'crm_', migrationsTableName: 'crm_migrations' };
    const crm = await new DataSource(settings).initialize();
    await crm.runMigrations();
    const { index, sync } = scriptServices(crm, { listen: true });
    await sync.start();
    await waitFor('it listens', () => sync.freshness.listening);
    await sync.poll();
    const reads = jest.spyOn(crm, 'createQueryRunner');
    await startBoth({ listen: true, pollIntervalMs: 3_600_000 });
    await here.service.create('elsewhere', newScript({ active: true }));
    await waitFor('the other instance has it', () => there.index.has('user.created', 'elsewhere'));
    // Notifications come in the order of commits, so that of the other application would have come before.
    await schema.dataSource.query(`INSERT INTO crm_scripts (id, tenant_id, name, event_types, status)
      VALUES (gen_random_uuid(), 'own', 'Own', ARRAY['user.created'], 'active')`);
    await waitFor('its own change arrives', () => index.has('user.created', 'own'));
    expect(index.has('user.created', 'elsewhere')).toBe(false);
    expect(reads).toHaveBeenCalledTimes(1);
    await sync.stop();
    await crm.destroy();
  });

  it('are ignored if they are no script ids', async () => {
    await startBoth({ listen: true, pollIntervalMs: 3_600_000 });
    const [{ channel }] = await schema.dataSource.query(
      "SELECT 'scripts_event_' || left(md5(current_schema() || '.scripts'), 16) AS channel",
    );
    await schema.dataSource.query('SELECT pg_notify($1, $2)', [channel, "'; DROP TABLE scripts"]);
    await here.service.create('after', newScript({ active: true }));
    await waitFor('the next change arrives', () => there.index.has('user.created', 'after'));
    expect(there.sync.freshness.error).toBeNull();
  });
});

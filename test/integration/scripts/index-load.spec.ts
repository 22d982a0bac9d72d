import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { PrimaryDatabase } from '../../../lib/entities/primary-database.js';
import { ScriptIndex } from '../../../lib/scripts/script-index.js';
import { testDataSource } from '../../support/postgres.js';
import { planOf, rowsRead } from '../../support/query-plan.js';
import { newScript, scriptServices } from '../../support/script-services.js';
import { matchScripts } from '../../support/match-scripts';

let dataSource: DataSource;
beforeEach(async () => {
  dataSource = await testDataSource();
});

/** Inserts active scripts without the service: many at once, or invalid ones. */
async function insertActive(count: number, tenantId: string, filters: unknown = null): Promise<void> {
  await dataSource.query(
    `INSERT INTO scripts (id, tenant_id, name, event_types, filters, status)
     SELECT gen_random_uuid(), $2, 'Script ' || gen_random_uuid(), ARRAY['user.created'], $3::jsonb, 'active'
     FROM generate_series(1, $1)`,
    [count, tenantId, JSON.stringify(filters)],
  );
}

describe('the script index at the start', () => {
  it('reads every active script, in several pages, and no other', async () => {
    await insertActive(1_203, 'acme');
    const { service, index, sync } = scriptServices(dataSource);
    const draft = await service.create('acme', newScript());
    await sync.start();
    expect(index.stats().scripts).toBe(1_203);
    expect(index.get(draft.id)).toBeUndefined();
    expect(sync.freshness).toMatchObject({ syncedAt: expect.any(Number), error: null });
  });

  it('reads the scripts tenant by tenant, and only the rows of a page for each page', async () => {
    for (const [tenantId, count] of [
      ['b', 700],
      ['a', 30],
      ['c', 20],
      ['b', 450],
    ] as const)
      await insertActive(count, tenantId);
    await dataSource.query(`UPDATE scripts SET status = 'archived' WHERE name < 'Script 2'`);
    await dataSource.query('ANALYZE scripts');
    const [{ listening }] = await dataSource.query(
      `SELECT count(*)::int AS listening FROM scripts WHERE status = 'active'`,
    );
    const { active, index, sync } = scriptServices(dataSource);
    const put = jest.spyOn(index, 'put');
    await sync.start();
    const tenants = put.mock.calls.map(([{ tenantId }]) => tenantId);
    expect(tenants).toEqual(tenants.toSorted());
    expect(index.stats()).toMatchObject({ scripts: listening, tenants: 3 });

    const sent = jest.spyOn(PrimaryDatabase.prototype, 'query');
    await active.page({ tenantId: 'b', id: put.mock.calls[400]![0].id }, 10);
    const [[sql, parameters]] = sent.mock.calls as [[string, unknown[]]];
    sent.mockRestore();
    expect(rowsRead(await planOf(dataSource, sql, parameters))).toBe(10);
  });

  it('leaves out a script whose stored filter is invalid, and lists it as broken', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    await insertActive(1, 'acme', { amount: { regex: '.*' } });
    await insertActive(1, 'acme');
    const { index, sync } = scriptServices(dataSource);
    await sync.start();
    expect(matchScripts(index, 'user.created', 'acme', {}).matched).toHaveLength(1);
    expect(index.stats().broken).toHaveLength(1);
    // The index knows the script, so that polls do not find a difference each time.
    const reads = jest.spyOn(dataSource, 'createQueryRunner');
    await sync.poll();
    expect(reads).toHaveBeenCalledTimes(1);
    reads.mockRestore();
    logged.mockRestore();
  });

  it('adds scripts in slices, between which the event loop turns', async () => {
    await insertActive(1_203, 'acme');
    const { index, sync } = scriptServices(dataSource);
    // A clock that advances by a millisecond with each read. A slice lasts ten milliseconds.
    let now = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => (now += 1));
    const perTurn = [0];
    let loading = true;
    const turn = (): void => {
      perTurn.push(0);
      if (loading) setImmediate(turn);
    };
    setImmediate(turn);
    jest.spyOn(index, 'put').mockImplementation((row) => {
      perTurn[perTurn.length - 1]! += 1;
      ScriptIndex.prototype.put.call(index, row);
    });
    await sync.start();
    loading = false;
    clock.mockRestore();
    expect(index.stats().scripts).toBe(1_203);
    expect(perTurn.reduce((sum, puts) => sum + puts)).toBe(1_203);
    expect(Math.max(...perTurn)).toBeLessThanOrEqual(20);
  });

  it('fails when the scripts cannot be read, and does not listen', async () => {
    await dataSource.query('DROP TABLE scripts CASCADE');
    const { sync } = scriptServices(dataSource, { listen: true });
    await expect(sync.start()).rejects.toThrow(/scripts/);
    expect(sync.freshness).toMatchObject({ syncedAt: null, listening: false });
  });
});

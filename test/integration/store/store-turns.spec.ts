import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { TypeOrmStoreTurns } from '../../../lib/store/typeorm-store-turns.js';
import { createTestSchema } from '../../support/postgres.js';

const LOST = { scope: 'tenant', key: 'n' };
const MINUTE = 60_000;

let dataSource: DataSource;
beforeAll(async () => (dataSource = (await createTestSchema()).dataSource));
beforeEach(() => dataSource.query(`INSERT INTO script_store_usage (tenant_id) VALUES ('acme'), ('globex')`));
afterEach(() => dataSource.query('DELETE FROM script_store_usage'));

describe('the turn of a run at the store of its tenant', () => {
  const turnOf = (tenantId: string) => ({ tenantId, executionId: randomUUID(), lost: LOST });

  it('belongs to one run of each tenant at a time, which may prolong it', async () => {
    const [one, two] = [new TypeOrmStoreTurns(dataSource), new TypeOrmStoreTurns(dataSource)];
    const [a, b, c] = [turnOf('acme'), turnOf('acme'), turnOf('globex')];
    const first = await Promise.all([one.take(a, MINUTE), two.take(b, MINUTE), two.take(c, MINUTE)]);
    expect(first.filter(Boolean)).toHaveLength(2);
    const [holder, other] = first[0] ? [a, b] : [b, a];
    expect(await two.take(holder, MINUTE)).toBe(true);
    expect(await two.take(other, MINUTE)).toBe(false);
    await two.end(other);
    expect(await two.take(other, MINUTE)).toBe(false);
    await one.end(holder);
    expect(await two.take(other, MINUTE)).toBe(true);
  });

  it('ends by itself if its process has died', async () => {
    const turns = new TypeOrmStoreTurns(dataSource);
    await turns.take(turnOf('acme'), MINUTE);
    await dataSource.query('UPDATE script_store_usage SET turn_until = now()');
    expect(await turns.take(turnOf('acme'), MINUTE)).toBe(true);
  });
});

import type { DataSource } from 'typeorm';
import { TypeOrmStore } from '../../../lib/store/typeorm-store.js';
import type { StoreWrite } from '../../../lib/store/store.types.js';
import { PrimaryDatabase } from '../../../lib/entities/primary-database.js';
import { testDataSource } from '../../support/postgres.js';

const TENANT = 'acme';
const QUOTAS = { tenantStoreKeys: 10, tenantStoreBytes: 1_000_000 };

describe('the store of scripts in PostgreSQL', () => {
  let dataSource: DataSource;
  let store: TypeOrmStore;
  beforeAll(async () => {
    dataSource = await testDataSource();
    store = new TypeOrmStore(dataSource, QUOTAS);
  });
  afterEach(() => dataSource.query('DELETE FROM script_store; DELETE FROM script_store_usage'));

  const write = (entries: [string, string][]) =>
    new PrimaryDatabase(dataSource).transaction(async (statements) => {
      const keys = entries.map(([key, text]) => ({
        scope: 'tenant',
        key,
        seen: undefined,
        write: { kind: 'set', text, ttlMs: null } satisfies StoreWrite,
      }));
      const changes = { tenantId: TENANT, keys, ranges: [], bytes: 0 };
      const locked = await store.lock(statements, [changes]);
      return store.settle(statements, locked, [{ changes, insists: false, executionId: null, by: null }]);
    });
  const page = async (prefix: string, after: string, keys: number, bytes: number) => {
    const { items, more } = await store.page(TENANT, 'tenant', { prefix, after }, { keys, bytes });
    return [items.map(({ key }) => key), more];
  };

  it('ends a page with the value that exceeds its size, and says whether there is more', async () => {
    const text = JSON.stringify('x'.repeat(98));
    await write(['a', 'b', 'c', 'd'].map((key) => [key, text]));
    // Each value takes 101 bytes with its key.
    expect(await page('', '', 10, 150)).toEqual([['a', 'b'], true]);
    expect(await page('', 'b', 10, 202)).toEqual([['c', 'd'], false]);
    expect(await page('', '', 10, 1)).toEqual([['a'], true]);
    expect(await page('', '', 3, 10_000)).toEqual([['a', 'b', 'c'], true]);
    expect(await page('', 'd', 3, 10_000)).toEqual([[], false]);
  });

  it('treats no character of a prefix or a key as a wildcard', async () => {
    const keys = ['%', '_', 'a%b', 'a_b', 'axb', '__proto__', 'constructor', 'tenant', "'; --", '\\', '😀'];
    const found: unknown[] = [];
    for (const key of keys) {
      await dataSource.query('DELETE FROM script_store; DELETE FROM script_store_usage');
      await write([
        [key, '1'],
        ['axb', '2'],
        ['zz', '3'],
      ]);
      found.push((await page(key, '', 10, 10_000))[0]);
    }
    expect(found).toEqual(keys.map((key) => [key]));
  });

  it('orders keys by their code points, as the package does', async () => {
    const keys = ['z', 'Z', 'ä', 'a', '\u{1F600}', '\uE000', '10', '9', ' '];
    await write(keys.map((key) => [key, '1']));
    expect((await page('', '', 10, 10_000))[0]).toEqual([
      ' ',
      '10',
      '9',
      'Z',
      'a',
      'z',
      'ä',
      '\uE000',
      '\u{1F600}',
    ]);
  });
});

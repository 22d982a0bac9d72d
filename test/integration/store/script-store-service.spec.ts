import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import {
  InvalidQueryError,
  type JsonValue,
  ScriptStoreService,
  StoreKeyNotFoundError,
  StoreQuotaError,
  StoreScriptNotFoundError,
} from '../../../lib/index.js';
import { TypeOrmScriptStoreRepository } from '../../../lib/store/typeorm-script-store.repository.js';
import { TypeOrmStore } from '../../../lib/store/typeorm-store.js';
import { testDataSource } from '../../support/postgres.js';
import { scriptServices } from '../../support/script-services.js';

const QUOTAS = { tenantStoreKeys: 4, tenantStoreBytes: 1_000 };

describe('ScriptStoreService', () => {
  let dataSource: DataSource;
  let store: ScriptStoreService;
  let scriptId: string;

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'log').mockImplementation();
    dataSource = await testDataSource();
    const { service } = scriptServices(dataSource);
    const script = { name: 's', eventTypes: ['user.created'], source: 'return 1' };
    scriptId = (await service.create('acme', script)).id;
    const kept = new TypeOrmStore(dataSource, QUOTAS);
    store = new ScriptStoreService(new TypeOrmScriptStoreRepository(dataSource, kept, QUOTAS));
  });
  afterEach(() => dataSource.query('DELETE FROM script_store; DELETE FROM script_store_usage'));

  it('stores every JSON value unchanged, and who set it', async () => {
    const values: JsonValue[] = [null, false, 0, '', { b: 1, a: [{ c: null }] }, 'ü"\n', 1.5];
    for (const value of values) {
      await store.set('acme', 'any', value, { by: 'ada' });
      expect((await store.get('acme', 'any')).value).toEqual(value);
    }
    await store.set('acme', 'any', { b: 1, a: 2 });
    const entry = await store.get('acme', 'any');
    expect(Object.keys(entry.value as object)).toEqual(['b', 'a']);
    expect(entry).toMatchObject({
      scriptId: null,
      updatedBy: null,
      executionId: null,
      expiresAt: null,
      bytes: 16,
    });
  });

  it('keeps tenants and scripts apart', async () => {
    await store.set('acme', 'k', 'shared');
    await store.set('acme', 'k', 'own', { scriptId });
    expect((await store.get('acme', 'k')).value).toBe('shared');
    expect(await store.get('acme', 'k', { scriptId })).toMatchObject({ value: 'own', scriptId });
    await expect(store.get('globex', 'k')).rejects.toBeInstanceOf(StoreKeyNotFoundError);
    await expect(store.get('globex', 'k', { scriptId })).rejects.toBeInstanceOf(StoreKeyNotFoundError);
    await expect(store.set('globex', 'k', 1, { scriptId })).rejects.toBeInstanceOf(StoreScriptNotFoundError);
    expect(await store.clear('globex')).toMatchObject({ matched: 0, removed: 0 });
    expect(await store.clear('globex', { scriptId })).toMatchObject({ matched: 0, removed: 0 });
    expect(await store.sizes('globex')).toEqual({ items: [], more: false });
    expect(await store.usage('globex')).toMatchObject({ keys: 0, bytes: 0 });
    expect(await store.clear('acme', { scriptId })).toMatchObject({ matched: 1, removed: 1 });
    expect((await store.list('acme')).items).toMatchObject([{ key: 'k', scriptId: null }]);
  });

  it('lists keys without values, in order and in pages', async () => {
    for (const key of ['a:2', 'a:1', 'b', '\u{1F600}']) await store.set('acme', key, 1);
    const first = await store.list('acme', { limit: 2 });
    expect(first.items.map(({ key }) => key)).toEqual(['a:1', 'a:2']);
    expect(first.items[0]).not.toHaveProperty('value');
    const second = await store.list('acme', { cursor: first.nextCursor! });
    expect(second).toMatchObject({ items: [{ key: 'b' }, { key: '\u{1F600}' }], nextCursor: null });
    expect((await store.list('acme', { prefix: 'a:' })).items).toHaveLength(2);
  });

  it('counts the keys and bytes of a tenant exactly, and refuses more than the limits allow', async () => {
    for (const key of ['a', 'b', 'c', 'd']) await store.set('acme', key, 1);
    expect(await store.usage('acme')).toEqual({ keys: 4, bytes: 8, maxKeys: 4, maxBytes: 1_000 });
    await expect(store.set('acme', 'e', 1)).rejects.toBeInstanceOf(StoreQuotaError);
    await expect(store.set('acme', 'a', 'x'.repeat(1_000))).rejects.toBeInstanceOf(StoreQuotaError);
    await store.delete('acme', 'a');
    await store.set('acme', 'e', 1, { ttl: '1h' });
    // A key whose ttl is over frees its part of the quota.
    await dataSource.query(`UPDATE script_store SET expires_at = now() WHERE key = 'e'`);
    await expect(store.get('acme', 'e')).rejects.toBeInstanceOf(StoreKeyNotFoundError);
    await store.set('acme', 'f', 1);
    expect(await store.usage('acme')).toMatchObject({ keys: 4, bytes: 8 });
    const all = Array.from({ length: 20 }, (_, at) => store.set('acme', `n${at}`, 1).catch(() => undefined));
    await Promise.all(all);
    expect(await store.usage('acme')).toMatchObject({ keys: 4, bytes: 8 });
    expect(await store.clear('acme')).toEqual({ dryRun: false, matched: 4, more: false, removed: 4 });
    expect(await store.usage('acme')).toMatchObject({ keys: 0, bytes: 0 });
  });

  it('removes the keys with a prefix up to a limit, and can count them first', async () => {
    for (const key of ['a:1', 'a:2', 'a:3', 'b']) await store.set('acme', key, 1);
    const counted = { matched: 3, more: false };
    expect(await store.clear('acme', { prefix: 'a:', dryRun: true })).toEqual({
      dryRun: true,
      ...counted,
      removed: 0,
    });
    expect(await store.usage('acme')).toMatchObject({ keys: 4 });
    expect(await store.clear('acme', { prefix: 'a:', limit: 2 })).toEqual({
      dryRun: false,
      ...counted,
      removed: 2,
    });
    expect((await store.list('acme')).items.map(({ key }) => key)).toEqual(['a:3', 'b']);
    expect(await store.usage('acme')).toMatchObject({ keys: 2, bytes: 'a:31b1'.length });
  });

  it('also removes keys whose ttl is over, which count until then', async () => {
    for (const key of ['a', 'b', 'c']) await store.set('acme', key, 1, { ttl: '1h' });
    await dataSource.query(`UPDATE script_store SET expires_at = now() WHERE key <> 'c'`);
    expect(await store.sizes('acme')).toMatchObject({ items: [{ keys: 3, bytes: 6 }] });
    expect(await store.clear('acme', { limit: 2 })).toMatchObject({ matched: 1, removed: 1 });
    expect(await store.sizes('acme')).toEqual({ items: [], more: false });
    expect(await store.usage('acme')).toMatchObject({ keys: 0, bytes: 0 });
  });

  it('lists the size of each store, the largest first', async () => {
    await store.set('acme', 'k', 1);
    await store.set('acme', 'long', 'x'.repeat(20), { scriptId });
    await store.set('globex', 'k', 1);
    expect(await store.sizes('acme')).toEqual({
      items: [
        { scriptId, keys: 1, bytes: 26 },
        { scriptId: null, keys: 1, bytes: 2 },
      ],
      more: false,
    });
  });

  it.each<[string, (store: ScriptStoreService) => Promise<unknown>, string]>([
    ['no tenant', (s) => s.list(''), 'tenantId'],
    ['an unknown field', (s) => s.list('acme', { script: 'x' } as never), 'script'],
    ['an invalid scriptId', (s) => s.get('acme', 'k', { scriptId: 'tenant' }), 'scriptId'],
    ['an empty key', (s) => s.get('acme', ''), 'key'],
    ['a key with a line end', (s) => s.set('acme', 'a\nb', 1), 'key'],
    ['no value', (s) => s.set('acme', 'k', undefined as never), 'value'],
    ['a value that is too large', (s) => s.set('acme', 'k', 'x'.repeat(65_535)), 'value'],
    ['a value with U+0000', (s) => s.set('acme', 'k', 'a\u0000'), 'value'],
    ['an invalid ttl', (s) => s.set('acme', 'k', 1, { ttl: 'soon' }), 'ttl'],
    ['a limit of 0 for clear()', (s) => s.clear('acme', { limit: 0 }), 'limit'],
    ['a dryRun that is neither true nor false', (s) => s.clear('acme', { dryRun: 'yes' as never }), 'dryRun'],
    ['a prefix with a control character', (s) => s.clear('acme', { prefix: '\u0007' }), 'prefix'],
    ['an empty name of a person', (s) => s.delete('acme', 'k', { by: '' }), 'by'],
    ['a limit above the maximum', (s) => s.list('acme', { limit: 201 }), 'limit'],
  ])('refuses %s, and names the field', async (_what, call, field) => {
    const error = await call(store).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidQueryError);
    expect(error).toMatchObject({ field });
  });
});

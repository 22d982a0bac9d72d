import {
  InvalidQueryError,
  type JsonValue,
  TooManyVariablesError,
  VariableChangedError,
  VariableNotFoundError,
} from '../../../lib/index.js';
import { testDataSource } from '../../support/postgres.js';
import { tenantValues } from '../../support/tenant-values.js';

const LIMITS = { tenantSecrets: 1, tenantVariables: 3, tenantVariableBytes: 40_000 };

describe('VariableService', () => {
  it('stores every JSON value unchanged, with its versions and who made them', async () => {
    const { variables } = await tenantValues(await testDataSource());
    const values: JsonValue[] = [
      null,
      false,
      0,
      '',
      'ü"\n',
      [],
      {},
      { a: [1, { b: null }] },
      1.5,
      'x'.repeat(16_382),
      'ü'.repeat(8_191),
    ];
    for (const value of values)
      expect((await variables.set('acme', 'any', value, 'ada')).value).toEqual(value);
    expect(await variables.get('acme', 'any')).toMatchObject({ version: 11, createdBy: 'ada' });

    await variables.set('acme', 'region', 'eu', 'ada');
    await variables.set('acme', 'region', 'eu', 'bob');
    expect(await variables.get('acme', 'region')).toMatchObject({ version: 1, updatedBy: 'ada' });
    await variables.set('acme', 'region', 'us', 'bob');
    await variables.delete('acme', 'region', 'eve');
    await variables.set('acme', 'region', null, 'dan');
    expect(await variables.listVersions('acme', 'region')).toMatchObject([
      { version: 4, value: null, deleted: false, changedBy: 'dan' },
      { version: 3, deleted: true, changedBy: 'eve' },
      { version: 2, value: 'us', deleted: false, changedBy: 'bob' },
      { version: 1, value: 'eu', deleted: false, changedBy: 'ada' },
    ]);
    expect((await variables.list('acme')).map(({ name }) => name)).toEqual(['any', 'region']);
    expect(await variables.list('globex')).toEqual([]);
    await expect(variables.get('globex', 'region')).rejects.toBeInstanceOf(VariableNotFoundError);
    await expect(variables.delete('globex', 'region')).rejects.toBeInstanceOf(VariableNotFoundError);
  });

  it('keeps the last hundred versions', async () => {
    const { variables } = await tenantValues(await testDataSource());
    for (let n = 1; n <= 103; n++) await variables.set('acme', 'n', n);
    const versions = await variables.listVersions('acme', 'n');
    expect(versions.map(({ version }) => version)).toEqual(Array.from({ length: 100 }, (_, at) => 103 - at));
  });

  it('refuses a change with an old baseVersion', async () => {
    const { variables } = await tenantValues(await testDataSource());
    await variables.set('acme', 'region', 'eu', 'ada', { baseVersion: 0 });
    const both = await Promise.allSettled([
      variables.set('acme', 'region', 'us', 'bob', { baseVersion: 1 }),
      variables.set('acme', 'region', 'ap', 'eve', { baseVersion: 1 }),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = both.filter((result) => result.status === 'rejected');
    expect(refused.every(({ reason }) => reason instanceof VariableChangedError)).toBe(true);
    await expect(variables.set('acme', 'region', 'x', 'ada', { baseVersion: 0 })).rejects.toMatchObject({
      currentVersion: 2,
    });
    await expect(variables.delete('acme', 'region', 'ada', { baseVersion: 1 })).rejects.toBeInstanceOf(
      VariableChangedError,
    );
    // Of several variables, all are changed or none.
    const values = { region: 'x', limit: 1 };
    const stale: Record<string, number>[] = [{ region: 1 }, { limit: 3 }];
    for (const baseVersions of stale)
      await expect(variables.setMany('acme', values, 'ada', { baseVersions })).rejects.toBeInstanceOf(
        VariableChangedError,
      );
    expect((await variables.list('acme')).map(({ name }) => name)).toEqual(['region']);
    await variables.setMany('acme', values, 'ada', { baseVersions: { region: 2, limit: 0 } });
    for (const baseVersions of [{ other: 1 }, { region: 'x' }, [], new Map()])
      await expect(
        variables.setMany('acme', values, 'ada', { baseVersions: baseVersions as never }),
      ).rejects.toBeInstanceOf(InvalidQueryError);
  });

  it('lists deleted variables, the last one first, except those that were created again', async () => {
    const { variables } = await tenantValues(await testDataSource());
    await variables.setMany('acme', { a: null, b: 1, c: 1 });
    for (const name of ['c', 'b', 'a']) await variables.delete('acme', name, 'eve');
    await variables.set('acme', 'b', 2);
    expect(await variables.listDeleted('acme')).toMatchObject([
      { name: 'a', version: 2, deletedBy: 'eve', deletedAt: expect.any(Date) as Date },
      { name: 'c', version: 2, deletedBy: 'eve' },
    ]);
    expect(await variables.listDeleted('globex')).toEqual([]);
  });

  it('limits the number and the size of a tenant’s variables, and changes nothing when a limit is exceeded', async () => {
    const { variables } = await tenantValues(await testDataSource(), { limits: LIMITS });
    await variables.setMany('acme', { a: 1, b: 2 });
    await expect(variables.setMany('acme', { c: 3, d: 4 })).rejects.toBeInstanceOf(TooManyVariablesError);
    const large = 'x'.repeat(16_000);
    await expect(variables.setMany('acme', { a: large, b: large, c: large })).rejects.toThrow(
      'tenantVariableBytes',
    );
    expect((await variables.list('acme')).map(({ name, value }) => [name, value])).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(await variables.listVersions('acme', 'a')).toHaveLength(1);
    await variables.setMany('globex', { a: 1, b: 2, c: 3 });
  });

  it('refuses invalid names and values that are not JSON', async () => {
    const { variables } = await tenantValues(await testDataSource());
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    for (const value of [
      undefined,
      () => 1,
      1n,
      cyclic,
      { a: 1n },
      'x'.repeat(16_384),
      'ü'.repeat(8_192),
      '\u0000',
      '\ud800',
    ])
      await expect(variables.set('acme', 'a', value as never)).rejects.toBeInstanceOf(InvalidQueryError);
    for (const name of ['', 'a-b', 'constructor', '__proto__', 'get', 'has', 'then', 7])
      await expect(variables.set('acme', name as never, 1)).rejects.toMatchObject({ field: 'name' });
    for (const values of [[], {}, null, new Map([['a', 1]])])
      await expect(variables.setMany('acme', values as never)).rejects.toBeInstanceOf(InvalidQueryError);
    await expect(variables.set('acme', 'a', 1, 'ada', { baseversion: 1 } as never)).rejects.toBeInstanceOf(
      InvalidQueryError,
    );
    expect(await variables.list('acme')).toEqual([]);
  });
});

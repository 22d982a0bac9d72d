import { insertLists, type SqlRow } from '../../../lib/common/sql.js';
import { createTestSchema, type TestSchema } from '../../support/postgres.js';

const COLUMNS = {
  id: 'integer',
  name: 'text',
  size: 'float8',
  data: 'jsonb',
  at: 'timestamptz',
  labels: 'text[]',
};

/** Texts that mean something within a list of PostgreSQL. */
const ODD = ['', 'NULL', 'null', '{}', '{"a"}', 'a,b', '"', '\\', '\\"', ' a ', 'Ünïcödé 😀', "'; --", '$1'];

describe('insertLists', () => {
  let db: TestSchema;
  beforeAll(async () => {
    db = await createTestSchema();
    await db.dataSource.query(
      'CREATE TABLE things (id integer, name text, size float8, data jsonb, at timestamptz, labels text[])',
    );
  });
  afterEach(() => db.dataSource.query('TRUNCATE things'));

  const insert = async (...[rows, more]: [readonly SqlRow[], Parameters<typeof insertLists>[3]?]) => {
    const { sql, parameters } = insertLists('things', COLUMNS, rows, more);
    await db.dataSource.query(sql, parameters);
    return { sql, parameters };
  };
  const stored = (columns = '*'): Promise<unknown[]> =>
    db.dataSource.query(`SELECT ${columns} FROM things ORDER BY id, name`);

  test('stores any text, in a list or as the value of all rows', async () => {
    await insert(ODD.map((name, id) => ({ id, name, labels: [name, 'x'] })));
    expect(await stored('name, labels')).toEqual(ODD.map((name) => ({ name, labels: [name, 'x'] })));
    for (const name of ODD) {
      await db.dataSource.query('TRUNCATE things');
      const labels = [name];
      await insert([1, 2].map((id) => ({ id, name, labels, data: JSON.stringify({ name }) })));
      expect(await stored('name, labels, data')).toEqual(
        [1, 2].map(() => ({ name, labels, data: { name } })),
      );
    }
  });

  test('sends a value that all rows have once', async () => {
    const rows = [1, 2, 3].map((id) => ({ id, name: 'all', size: 1.5, at: '2026-01-02T03:04:05.678Z' }));
    const { parameters } = await insert(rows);
    expect(parameters).toEqual(['{1,2,3}', 'all', '1.5', '2026-01-02T03:04:05.678Z']);
    expect(await stored('id, name, size, at, data')).toEqual(
      rows.map(({ at, ...row }) => ({ ...row, at: new Date(at), data: null })),
    );
  });

  test('stores one row, and rows that are all the same', async () => {
    await insert([{ id: 1, name: 'one' }]);
    await insert([2, 2, 2].map((id) => ({ id, name: 'two' })));
    expect(await stored('id, name')).toEqual([
      { id: 1, name: 'one' },
      ...[1, 2, 3].map(() => ({ id: 2, name: 'two' })),
    ]);
  });

  test('stores null for a value that is missing or not finite, in some rows or in all', async () => {
    await insert([
      { id: 1, name: 'a', size: 1 },
      { id: 2, name: null, size: NaN },
      { id: 3, size: -Infinity },
    ]);
    await insert([4, 5].map((id) => ({ id, name: 'c', size: NaN })));
    expect(await stored('id, name, size')).toEqual([
      { id: 1, name: 'a', size: 1 },
      { id: 2, name: null, size: null },
      { id: 3, name: null, size: null },
      { id: 4, name: 'c', size: null },
      { id: 5, name: 'c', size: null },
    ]);
  });

  test.each([
    ['differ', [1, 2]],
    ['are the same', [2, 2]],
    ['are missing', [undefined, undefined]],
  ])('computes columns from inputs and columns whose values %s', async (_, given) => {
    await insert(
      given.map((extra, at) => ({ id: at, name: 'x', extra })),
      { inputs: { extra: 'float8' }, values: { size: `coalesce(r.extra, 0) * 10 + length(r.name)` } },
    );
    expect(await stored('size')).toEqual(given.map((extra = 0) => ({ size: extra * 10 + 1 })));
  });
});

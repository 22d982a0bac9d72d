import { inspect } from 'node:util';
import { TypeOrmDurableDatabase } from '../../../lib/buffer/durable/typeorm-durable.database.js';
import { sqlStateOf } from '../../../lib/common/database-failure.js';
import { messageOf, ScriptsEventError, stackOf } from '../../../lib/common/errors.js';
import { PrimaryDatabase } from '../../../lib/entities/primary-database.js';
import { createTestSchema, type TestSchema } from '../../support/postgres.js';

/** A tenant's value: part of each text that the database gets, and a number of its own. */
const VALUE = 'ada@tenant.example';
const NUMBER = '998877665544332211';

interface Provoked {
  sql: string;
  values?: unknown[];
  /** What the message says; otherwise only the name of the condition and the place to look. */
  says?: string;
  state: string;
}

const LEFT_OUT = "PostgreSQL's log has the message, which may quote values";

const insert = (...values: unknown[]) => ({ sql: 'INSERT INTO people VALUES ($1, $2, $3, $4, $5)', values });
const GOOD = [VALUE, 1, 'x', 1, 'boss'] as const;

const PROVOKED: Record<string, Provoked> = {
  'an equal key': {
    ...insert(...GOOD),
    state: '23505',
    says: 'duplicate key value violates unique constraint "people_mail" (SQLSTATE 23505, table people)',
  },
  'a missing value': {
    ...insert(`2${VALUE}`, null, 'x', 1, 'boss'),
    state: '23502',
    says: 'null value in column "age" of relation "people" violates not-null constraint (SQLSTATE 23502)',
  },
  'a check that fails': {
    ...insert(`3${VALUE}`, -1, 'x', 1, 'boss'),
    state: '23514',
    says: 'new row for relation "people" violates check constraint "grown" (SQLSTATE 23514)',
  },
  'a row that is not there': {
    ...insert(`4${VALUE}`, 1, 'x', 1, VALUE),
    state: '23503',
    says: 'insert or update on table "people" violates foreign key constraint "works_for" (SQLSTATE 23503)',
  },
  'a long text': {
    ...insert(`5${VALUE}`, 1, VALUE, 1, 'boss'),
    state: '22001',
    says: 'value too long for type character varying(5) (SQLSTATE 22001)',
  },
  'a key that is too large for an index': {
    sql: `INSERT INTO people SELECT string_agg(md5(n::text), $1), 1, 'x', 1, 'boss' FROM generate_series(1, 2000) AS n`,
    values: [VALUE],
    state: '54000',
    says: 'index row requires',
  },
  'a text that is no uuid': { sql: 'SELECT $1::uuid', values: [VALUE], state: '22P02' },
  'a text that is no number': { sql: 'SELECT $1::text::numeric', values: [VALUE], state: '22P02' },
  'a text that is no JSON': { sql: 'SELECT $1::json', values: [`{"a": ${VALUE}`], state: '22P02' },
  'a text that is no list': { sql: 'SELECT $1::integer[]', values: [`{${VALUE}}`], state: '22P02' },
  'JSON with a NUL': { sql: 'SELECT $1::jsonb', values: [`"${VALUE}\\u0000"`], state: '22P05' },
  'a text with a NUL': { sql: 'SELECT $1::text', values: [`${VALUE}\0`], state: '22021' },
  'a text that is no time': { sql: 'SELECT $1::timestamptz', values: [VALUE], state: '22007' },
  'a number that is too large': { sql: 'SELECT $1::text::integer', values: [NUMBER], state: '22003' },
  'an unknown time zone': { sql: 'SELECT (now() AT TIME ZONE $1)::text', values: [VALUE], state: '22023' },
  'a wrong pattern': { sql: `SELECT 'x' ~ $1`, values: [`${VALUE}(`], state: '2201B' },
  'a function that quotes a value': { sql: 'SELECT quoting($1, NULL)', values: [VALUE], state: 'P0001' },
  'a function that pretends to be PostgreSQL': {
    sql: `SELECT quoting($1, '23505')`,
    values: [VALUE],
    state: '23505',
  },
  'a function that executes a value': { sql: 'SELECT executing($1)', values: [VALUE], state: '42601' },
  'a table that does not exist': {
    sql: 'SELECT $1::text FROM nobody',
    values: [VALUE],
    state: '42P01',
    says: 'relation "nobody" does not exist (SQLSTATE 42P01)',
  },
};

const SCHEMA = [
  'CREATE TABLE roles (name text PRIMARY KEY)',
  `INSERT INTO roles VALUES ('boss')`,
  `CREATE TABLE people (mail text CONSTRAINT people_mail UNIQUE, age integer NOT NULL CONSTRAINT grown CHECK (age > 0),
    short varchar(5), n smallint, role text CONSTRAINT works_for REFERENCES roles)`,
  `CREATE FUNCTION quoting(value text, state text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      IF state IS NULL THEN RAISE EXCEPTION 'no room for %', value USING HINT = value, TABLE = value; END IF;
      RAISE EXCEPTION 'duplicate key %', value USING ERRCODE = state, DETAIL = value, CONSTRAINT = value;
    END $$`,
  `CREATE FUNCTION executing(value text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN EXECUTE 'SELECT ' || value || ' FROM'; END $$`,
];

/** Everything that a logger, a row or an answer may take from an error. */
const allOf = (error: unknown): string =>
  [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), String(error)].join('\n');

const shown = (error: unknown): string => [messageOf(error), stackOf(error)].join('\n');

describe('an error of the database', () => {
  let schema: TestSchema;
  let ways: Record<string, (provoked: Provoked) => Promise<unknown>>;
  let close: () => Promise<void>;

  beforeAll(async () => {
    schema = await createTestSchema();
    const { dataSource } = schema;
    for (const sql of SCHEMA) await dataSource.query(sql);
    await dataSource.query('INSERT INTO people VALUES ($1, $2, $3, $4, $5)', [...GOOD]);
    const primary = new PrimaryDatabase(dataSource);
    const pool = new TypeOrmDurableDatabase(dataSource).openPool({ max: 1, connectTimeoutMs: 10_000 });
    close = () => pool.end();
    ways = {
      'of a statement of ours': ({ sql, values }) => primary.query(sql, values),
      'of one in a transaction': ({ sql, values }) =>
        primary.transaction((statements) => statements.query(sql, values)),
      'of the durable buffer': ({ sql, values }) => pool.query(sql, values),
      'of the engine': async ({ sql, values }) => {
        const client = await pool.connect();
        try {
          return await client.query(sql, values);
        } finally {
          client.release(true);
        }
      },
    };
  });
  afterAll(() => close());

  const failureOf = async (work: Promise<unknown> | undefined): Promise<Error> =>
    (await work?.then(
      () => new Error('the statement succeeded'),
      (error: unknown) => error,
    )) as Error;

  const withoutValues = (text: string): void => {
    expect(text).not.toContain(VALUE);
    expect(text).not.toContain(NUMBER);
  };

  const WAYS = [
    'of a statement of ours',
    'of one in a transaction',
    'of the durable buffer',
    'of the engine',
  ];

  describe.each(WAYS)('%s', (way) => {
    it.each(Object.entries(PROVOKED))(
      'has its state and no value in any field: %s',
      async (_name, provoked) => {
        const error = await failureOf(ways[way]?.(provoked));
        withoutValues(allOf(error));
        withoutValues(shown(error));
        expect(sqlStateOf(error)).toBe(provoked.state);
        expect(error.message).toContain(provoked.says ?? LEFT_OUT);
        expect(error.message).toContain(`SQLSTATE ${provoked.state}`);
        expect(messageOf(error)).toBe(error.message);
        expect(stackOf(error)).toMatch(/^\w+: .+\n\s+at /);
      },
    );
  });

  describe('of the host’s own statements', () => {
    const hostError = ({ sql, values }: Provoked) => failureOf(schema.dataSource.query(sql, values));
    it.each(Object.entries(PROVOKED))('is told without values and stays as it is: %s', async (_name, row) => {
      const error = await hostError(row);
      const before = allOf(error);
      withoutValues(shown(error));
      expect(messageOf(error)).toContain(row.says ?? LEFT_OUT);
      expect(allOf(error)).toBe(before);
      expect(before).toMatch(new RegExp(`${VALUE}|${NUMBER}`));
    });

    it('keeps the words of an error around it', async () => {
      const cause = await hostError(PROVOKED['a text that is no uuid']!);
      const error = new TypeError(`The invoice can't be booked: ${cause.message}`, { cause });
      expect(messageOf(error)).toBe(
        `The invoice can't be booked: invalid_text_representation (SQLSTATE 22P02; ${LEFT_OUT})`,
      );
      expect(stackOf(error)).toMatch(/^TypeError: The invoice can't be booked: invalid_text/);
      withoutValues(shown(error));
    });

    it('is told alone if the error around it has the parameters of a statement', async () => {
      const cause = await hostError(PROVOKED['an equal key']!);
      const fields = { query: 'INSERT …', params: [VALUE] };
      const error = Object.assign(new Error(`Failed query: INSERT … params: ${VALUE}`, { cause }), fields);
      expect(messageOf(error)).toBe(PROVOKED['an equal key']?.says);
      withoutValues(shown(error));
    });
  });

  it('has its severity if it has ended the connection', async () => {
    const sql = 'SELECT pg_terminate_backend(pg_backend_pid()), $1::text';
    const error = await failureOf(ways['of the engine']?.({ sql, values: [VALUE], state: '57P01' }));
    const says = 'terminating connection due to administrator command';
    expect(messageOf(error)).toBe(`${says} (SQLSTATE 57P01, FATAL)`);
  });

  it('of this package keeps its message, although its cause is an error of the database', async () => {
    class OwnError extends ScriptsEventError {
      readonly code = 'own';
    }
    const cause = await failureOf(ways['of a statement of ours']?.(PROVOKED['an equal key']!));
    expect(messageOf(new OwnError('Choose another name.', { cause }))).toBe('Choose another name.');
  });
});

import {
  DatabaseAwayError,
  databaseFailureOf,
  isOutage,
  sqlStateOf,
} from '../../../lib/common/database-failure.js';

const withCode = (code: string): Error => Object.assign(new Error(code), { code });

/** Errors of the server itself, as pg throws them. */
const SERVER_FAULTS = [
  [
    'a full quota',
    { code: 'XX000', file: 'md.c', message: 'konnte Datei nicht erweitern: Disk quota exceeded' },
  ],
  [
    'a file that is too large',
    { code: 'XX000', message: 'could not extend file "base/5/1": File too large' },
  ],
  ['a page that can’t be read', { code: 'XX001', file: 'bufmgr.c', message: 'invalid page in block 7' }],
  ['a pooler without connections', { code: 'XX000', severity: 'FATAL', message: 'max clients reached' }],
  ['a crash of the server', { code: 'XX000', severity: 'PANIC', message: 'corrupted' }],
].map(([what, fields]): [string, Error] => [what as string, Object.assign(new Error(), fields)]);

describe('databaseFailureOf', () => {
  it.each([
    ['08006', 'a lost connection'],
    ['57P01', 'a terminated connection'],
    ['57P03', 'a server that starts up'],
    ['53100', 'a full disk'],
    ['53300', 'too many connections'],
    ['25006', 'a read-only server'],
    ['40P01', 'a deadlock'],
    ['42P01', 'a table that a migration still has to make'],
    ['ECONNREFUSED', 'a server that is down'],
    ['EPIPE', 'a socket that is closed'],
  ])('waits for the database after %s: %s', (code) => expect(databaseFailureOf(withCode(code))).toBe('away'));

  it.each([
    ['22P02', 'text that is not a UUID'],
    ['22P05', 'a character that cannot be stored'],
    ['23514', 'a check'],
    ['23505', 'a duplicate'],
    ['54000', 'a value that is too long'],
    ['P0001', 'a trigger that refuses'],
    ['XX000', 'an internal limit'],
  ])('blames the data for %s: %s', (code) => expect(databaseFailureOf(withCode(code))).toBe('data'));

  it.each(SERVER_FAULTS)(
    'waits for the database after %s, also inside an error of TypeORM',
    (_what, error) => {
      const wrapped = Object.assign(new Error('query failed'), { driverError: error });
      expect([databaseFailureOf(error), databaseFailureOf(wrapped)]).toEqual(['away', 'away']);
      expect([isOutage(error), isOutage(wrapped)]).toEqual([true, true]);
    },
  );

  it('blames the data for a value of the statement that the server can’t hold in memory', () => {
    const fields = { code: 'XX000', severity: 'ERROR', file: 'mcxt.c' };
    const error = Object.assign(new Error('invalid memory alloc request size 1073741824'), fields);
    expect([databaseFailureOf(error), isOutage(error)]).toEqual(['data', false]);
  });

  it('looks inside the error that TypeORM throws', () => {
    const wrapped = Object.assign(new Error('query failed'), { driverError: withCode('22P02') });
    expect(sqlStateOf(wrapped)).toBe('22P02');
    expect(databaseFailureOf(wrapped)).toBe('data');
    expect(databaseFailureOf(new Error('outer', { cause: withCode('57P01') }))).toBe('away');
  });

  it('blames data that can’t be serialized for a statement', () => {
    expect(databaseFailureOf(new TypeError('Do not know how to serialize a BigInt'))).toBe('data');
  });

  it('waits for the database after an error that it does not know', () => {
    expect(databaseFailureOf(new Error('Connection terminated unexpectedly'))).toBe('away');
    expect(databaseFailureOf('odd')).toBe('away');
    expect(databaseFailureOf(null)).toBe('away');
  });

  it('waits for the database after an error that is its own cause', () => {
    const circle = new Error('circle');
    circle.cause = circle;
    expect(databaseFailureOf(circle)).toBe('away');
  });
});

describe('isOutage', () => {
  it.each([
    ...['08006', '57P01', '57P03', '53100', '53300', '25006', '42P01'].map(withCode),
    ...['ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'CERT_HAS_EXPIRED'].map(withCode),
    ...[
      'Connection terminated unexpectedly',
      'Connection terminated due to connection timeout',
      'timeout expired',
      'timeout exceeded when trying to connect',
      'Query read timeout',
      'Client has encountered a connection error and is not queryable',
      'Client was closed and is not queryable',
      'Cannot use a pool after calling end on the pool',
      'Driver not Connected',
    ].map((message) => new Error(message)),
    new DatabaseAwayError('no answer within 5 s'),
    new AggregateError([], 'outer', { cause: withCode('ECONNREFUSED') }),
    Object.assign(new Error('query failed'), { driverError: withCode('57P01') }),
  ])('is true for an error of the driver or the server: %s', (error) => expect(isOutage(error)).toBe(true));

  it.each([
    new TypeError('row.occurred_at.toISOString is not a function'),
    new RangeError('Invalid time value'),
    new SyntaxError('Unexpected token in JSON'),
    new ReferenceError('rows is not defined'),
    Object.assign(new TypeError('bad argument'), { code: 'ERR_INVALID_ARG_TYPE' }),
    new Error('words of a stranger'),
    withCode('22P02'),
    withCode('XX000'),
    'odd',
    null,
  ])('is false for any other error: %s', (error) => expect(isOutage(error)).toBe(false));
});

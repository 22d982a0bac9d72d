/** Why a statement failed. `data`: this row can never be stored. `away`: the same statement may succeed later. */
export type DatabaseFailure = 'data' | 'away';

/**
 * Distinguishes bad data from an unreachable, full, read-only or busy database. Uses the SQLSTATE class (PostgreSQL
 * manual, appendix A) if there is one, wherever TypeORM wrapped it. An unknown error counts as `away`: waiting costs
 * less than dropping what could have been stored.
 */
export function databaseFailureOf(error: unknown): DatabaseFailure {
  const state = sqlStateOf(error);
  if (state !== undefined) return AWAY.test(state) || isServerFault(error) ? 'away' : 'data';
  return isMistake(error) ? 'data' : 'away';
}

/**
 * Whether the driver or the server says that the database is unavailable, full, read-only, busy or not migrated. Any
 * other error is a fault of this package or of the host, which waiting for the database would not fix.
 */
export function isOutage(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined) return AWAY.test(state) || isServerFault(error);
  if (error instanceof DatabaseAwayError || systemCodeOf(error) !== undefined) return true;
  return someCause(error, saysLost) === true;
}

/**
 * Whether the server or a pooler in front of it failed, not the statement. It has ended the connection, or it could not
 * use a file: PostgreSQL reports a full quota and a file that is too large as an internal error.
 */
const isServerFault = (error: unknown): boolean =>
  someCause(error, ({ code, severity, file, message }) => {
    if (typeof code !== 'string' || !SQL_STATE.test(code)) return undefined;
    if (severity === 'FATAL' || severity === 'PANIC') return true;
    const ofFiles = STORAGE.test(String(file)) || CANNOT_USE_FILE.test(String(message));
    return (code.startsWith('XX') && ofFiles) || undefined;
  }) === true;

const saysLost = ({ message }: Link): true | undefined =>
  typeof message === 'string' && CONNECTION_LOST.test(message) ? true : undefined;

/** An outage that this package notices itself: the database doesn't answer in time, or a connection has ended. */
export class DatabaseAwayError extends Error {
  override readonly name = 'DatabaseAwayError';
}

/** SQLSTATE of a row whose key exists already. */
export const UNIQUE_VIOLATION = '23505';

/** How often a statement that collided with another transaction is sent again. */
export const MOST_COLLISIONS = 10;

/**
 * The statement collided with another transaction and had no effect; it may be sent again immediately
 * (https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html).
 */
export const isCollision = (error: unknown): boolean => COLLISIONS.has(sqlStateOf(error) ?? '');

/** serialization_failure, deadlock_detected */
const COLLISIONS: ReadonlySet<string> = new Set(['40001', '40P01']);

/** The five characters of SQLSTATE in a `pg` error or in a TypeORM error around one. */
export function sqlStateOf(error: unknown): string | undefined {
  return someCause(error, ({ code }) =>
    typeof code === 'string' && SQL_STATE.test(code) ? code : undefined,
  );
}

/** The code from the operating system, the resolver or TLS, such as `ECONNREFUSED`. */
export function systemCodeOf(error: unknown): string | undefined {
  return someCause(error, ({ code }) =>
    typeof code === 'string' && SYSTEM_CODE.test(code) ? code : undefined,
  );
}

const isMistake = (error: unknown): boolean =>
  error instanceof TypeError ||
  error instanceof RangeError ||
  error instanceof SyntaxError ||
  error instanceof ReferenceError;

/** The fields that an error of `pg`, TypeORM or Node.js may have. */
export interface Link {
  code?: unknown;
  name?: unknown;
  message?: unknown;
  /** Of an error of the server: the file of its source. */
  file?: unknown;
  severity?: unknown;
  table?: unknown;
  column?: unknown;
  constraint?: unknown;
  routine?: unknown;
  where?: unknown;
  internalQuery?: unknown;
  driverError?: unknown;
  cause?: unknown;
}

/** The error, the error that TypeORM wrapped, its cause, and so on. */
export function* linksOf(error: unknown): Generator<Link> {
  for (
    let depth = 0, current = error;
    depth < 5 && typeof current === 'object' && current !== null;
    depth++
  ) {
    const link: Link = current;
    yield link;
    current = link.driverError ?? link.cause;
  }
}

/** The first result of `look` for one of these errors. */
function someCause<T>(error: unknown, look: (link: Link) => T | undefined): T | undefined {
  for (const link of linksOf(error)) {
    const answer = look(link);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** Every class of the manual starts with a digit or is one of these four, which keeps `EPIPE` and the like out. */
export const SQL_STATE = /^(\d[0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/;

// Node.js: libuv's and the resolver's codes, those of its TLS, and OpenSSL's words for a bad certificate. Node's other
// `ERR_…` codes mean a mistake in the code.
const SYSTEM_CODE =
  /^(E(?!RR_)[A-Z0-9_]+|ERR_(TLS|SSL|SOCKET|STREAM)_[A-Z0-9_]+|(CERT|CRL|DEPTH|HOSTNAME|INVALID|SELF_SIGNED|UNABLE)_[A-Z0-9_]+)$/;

// 08 connection, 25 transaction state (read-only), 28 authorization, 3D and 3F database and schema, 40 rollback,
// 42 names and privileges (migrations under way), 53 resources (disk, memory, connections), 55 object state,
// 57 operator intervention (restart, cancelled statement), 58 system.
const AWAY = /^(08|25|28|3D|3F|40|42|53|55|57|58)/;

/** Sources of PostgreSQL that read and write files. The name doesn't depend on the server's language, as messages do. */
const STORAGE = /^(bufmgr|buffile|copydir|fd|localbuf|md|relmapper|slru|smgr|xlog\w*)\.c$/;
const CANNOT_USE_FILE =
  /^could not (access|close|create|extend|flush|fsync|open|read|remove|rename|resize|seek|stat|sync|truncate|write)\b/;

/** pg 8, its pool and TypeORM have no codes for these. A message that is not listed here is treated as a fault. */
const CONNECTION_LOST =
  /^(Connection terminated|timeout expired$|timeout exceeded when trying to connect|Query read timeout|Client (was closed|has encountered a connection error)|Cannot use a pool after|Driver not Connected|The server does not support SSL|There was an error establishing an SSL)/;

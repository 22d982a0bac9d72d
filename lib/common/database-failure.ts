/**
 * Why the database did not do what it was asked:
 * `data`: this row can never be stored, whoever asks and whenever; `away`: the same may succeed later.
 */
export type DatabaseFailure = 'data' | 'away';

/**
 * Tells bad data from an unreachable, full, read-only or busy database.
 * Goes by SQLSTATE class (PostgreSQL manual, appendix A) when there is one, wherever TypeORM wrapped it. An error that
 * is not understood counts as `away`: waiting costs less than dropping what could have been stored.
 */
export function databaseFailureOf(error: unknown): DatabaseFailure {
  const state = sqlStateOf(error);
  if (state !== undefined) return AWAY.test(state) ? 'away' : 'data';
  const serialization =
    error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
  return serialization ? 'data' : 'away';
}

/** The five characters of SQLSTATE in a `pg` error or in a TypeORM error around one. */
export function sqlStateOf(error: unknown): string | undefined {
  for (
    let depth = 0, current = error;
    depth < 5 && typeof current === 'object' && current !== null;
    depth++
  ) {
    const { code, driverError, cause } = current as {
      code?: unknown;
      driverError?: unknown;
      cause?: unknown;
    };
    if (typeof code === 'string' && SQL_STATE.test(code)) return code;
    current = driverError ?? cause;
  }
  return undefined;
}

// Every class of the manual starts with a digit or is one of these four, which keeps `EPIPE` and the like out.
const SQL_STATE = /^(\d[0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/;

// 08 connection, 25 transaction state (read-only), 28 authorization, 3D and 3F database and schema, 40 rollback,
// 42 names and privileges (migrations under way), 53 resources (disk, memory, connections), 55 object state,
// 57 operator intervention (restart, cancelled statement), 58 system.
const AWAY = /^(08|25|28|3D|3F|40|42|53|55|57|58)/;

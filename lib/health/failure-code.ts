import { sqlStateOf } from '../common/database-failure.js';

/**
 * The code of a database error, `ECONNREFUSED` or `57P03`. Never its message: that may hold an address, a user or a
 * statement, and a health page is often open to everybody.
 */
export function failureCode(error: unknown): string {
  return sqlStateOf(error) ?? systemCodeOf(error) ?? 'an error without a code; the log may tell more';
}

function systemCodeOf(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth++) {
    const { code, driverError, cause } = current as {
      code?: unknown;
      driverError?: unknown;
      cause?: unknown;
    };
    if (typeof code === 'string' && /^E[A-Z_]+$/.test(code)) return code;
    current = driverError ?? cause;
  }
  return undefined;
}

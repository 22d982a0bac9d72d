import { sqlStateOf, systemCodeOf } from '../common/database-failure.js';

/**
 * The code of a database error, `ECONNREFUSED` or `57P03`. Never its message, which may contain an address, a user or a
 * statement, while a health page is often open to everybody.
 */
export function failureCode(error: unknown): string {
  return sqlStateOf(error) ?? systemCodeOf(error) ?? 'an error without a code; see the log';
}

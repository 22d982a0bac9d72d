import { sqlStateOf, systemCodeOf } from '../common/database-failure.js';

/**
 * The code of a database error, such as `ECONNREFUSED` or `57P03`. The message is left out: it may contain an address,
 * a user or a statement, and a health page is often open to everybody.
 */
export function failureCode(error: unknown): string {
  return sqlStateOf(error) ?? systemCodeOf(error) ?? 'an error without a code; see the log';
}

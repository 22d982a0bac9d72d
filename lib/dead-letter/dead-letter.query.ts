import { DEAD_LETTER_REASONS, DEAD_LETTER_STATUSES, type DeadLetterStatus } from '../entities/index.js';
import {
  checkDate,
  checkFields,
  checkGiven,
  checkOneOf,
  checkUuid,
  checkWord,
  checkId,
  invalid,
} from '../options/query-checks.js';
import { entriesOf } from '../options/strict-fields.js';
import type { DeadLetterFilter } from './dead-letter.types.js';

const FIELDS = [
  'scriptId',
  'status',
  'reason',
  'errorKind',
  'failedLike',
  'eventType',
  'eventId',
  'from',
  'to',
] satisfies (keyof DeadLetterFilter)[];

/**
 * Checks a filter. Unknown names are refused like bad values, because a filter with a misspelt condition would match,
 * and perhaps change, everything.
 *
 * @throws InvalidQueryError for the first condition that is not valid
 */
export function checkFilter(
  filter: DeadLetterFilter,
  allowed: readonly DeadLetterStatus[] = DEAD_LETTER_STATUSES,
): void {
  checkFields('the filter', filter, FIELDS);
  checkGiven(filter, ['status'], (_field, status) => checkStatuses(status, allowed));
  checkGiven(filter, ['reason'], (field, reason) => checkOneOf(field, reason, DEAD_LETTER_REASONS));
  checkGiven(filter, ['scriptId', 'failedLike'], checkUuid);
  checkGiven(filter, ['eventType', 'errorKind'], checkWord);
  checkGiven(filter, ['eventId'], (field, value) => checkId(field, value));
  checkGiven(filter, ['from', 'to'], checkDate);
}

function checkStatuses(status: unknown, allowed: readonly DeadLetterStatus[]): void {
  const list = typeof status === 'string' ? [status] : entriesOf(status, allowed.length);
  const isAllowed = (value: unknown) => (allowed as readonly unknown[]).includes(value);
  if (list && list.length > 0 && list.every(isAllowed)) return;
  const wrong = list?.find((value) => !isAllowed(value));
  throw invalid('status', wrong ?? status, `one or more of ${allowed.join(', ')}`);
}

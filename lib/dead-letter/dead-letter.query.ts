import { toStorableText } from '../common/json.js';
import { valueInWords } from '../common/printable.js';
import { entriesOf, fieldsProblem, isMoment } from '../options/strict-fields.js';
import { isUuid, pageHint, type PageRequest, pageProblem } from '../common/page.js';
import { DEAD_LETTER_REASONS, DEAD_LETTER_STATUSES, type DeadLetterStatus } from '../entities/index.js';
import { InvalidDeadLetterQueryError } from './dead-letter.errors.js';
import type { DeadLetterFilter } from './dead-letter.types.js';

const FIELDS = [
  'scriptId',
  'status',
  'reason',
  'errorKind',
  'eventType',
  'eventId',
  'from',
  'to',
] satisfies (keyof DeadLetterFilter)[];

/**
 * A misspelt condition would match everything, and a mass act on everything is the worst that can happen: unknown names
 * are refused as bad values are.
 *
 * @throws InvalidDeadLetterQueryError for the first condition that cannot be
 */
export function checkFilter(
  filter: DeadLetterFilter,
  allowed: readonly DeadLetterStatus[] = DEAD_LETTER_STATUSES,
): void {
  checkFields('the filter', filter, FIELDS);
  if (filter.status !== undefined) checkStatuses(filter.status, allowed);
  if (filter.reason !== undefined && !DEAD_LETTER_REASONS.includes(filter.reason)) {
    throw refused(
      'reason',
      `is ${valueInWords(filter.reason)}; give one of ${DEAD_LETTER_REASONS.join(', ')}`,
    );
  }
  if (filter.scriptId !== undefined && !isUuid(filter.scriptId)) {
    throw refused('scriptId', `is ${valueInWords(filter.scriptId)}; give a UUID`);
  }
  for (const field of ['eventType', 'eventId', 'errorKind'] as const) checkText(field, filter[field]);
  for (const field of ['from', 'to'] as const) checkDate(field, filter[field]);
}

function checkStatuses(status: unknown, allowed: readonly DeadLetterStatus[]): void {
  const list = typeof status === 'string' ? [status] : entriesOf(status, allowed.length);
  const wrong = list?.find((value) => !(allowed as readonly unknown[]).includes(value));
  if (list && list.length > 0 && list.every((value) => (allowed as readonly unknown[]).includes(value)))
    return;
  throw refused('status', `is ${valueInWords(wrong ?? status)}; give one or more of ${allowed.join(', ')}`);
}

function checkText(field: string, value: unknown): void {
  if (value === undefined || isStorable(value, MAX_CONDITION)) return;
  throw refused(
    field,
    `is ${valueInWords(value)}; give text that is not empty, of at most ${MAX_CONDITION} characters, without U+0000`,
  );
}

function checkDate(field: string, value: unknown): void {
  if (value === undefined || isMoment(value)) return;
  throw refused(field, `is ${valueInWords(value)}; give a valid Date`);
}

/**
 * An argument of a plain object with own, known fields, before anything is read or done.
 *
 * @throws InvalidDeadLetterQueryError
 */
export function checkFields(what: string, given: unknown, known: readonly string[]): void {
  const problem = fieldsProblem(what, given, known);
  if (!problem) return;
  const hint = what === 'the filter' ? pageHint(problem.field) : '';
  throw new InvalidDeadLetterQueryError(problem.field, problem.message + hint);
}

/** @throws InvalidDeadLetterQueryError */
export function checkYesOrNo(field: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return;
  throw refused(field, `is ${valueInWords(value)}; give true or false`);
}

/** @throws InvalidDeadLetterQueryError */
export function checkPage(page: PageRequest): void {
  checkFields('the page', page, ['limit', 'cursor']);
  const problem = pageProblem(page);
  if (problem) throw new InvalidDeadLetterQueryError(problem.field, problem.message);
}

/** Who acts is kept with the act, so it must be said. @throws InvalidDeadLetterQueryError */
export function checkBy(by: unknown): void {
  if (isStorable(by, 200) && by.trim() !== '') return;
  throw refused('by', `is ${valueInWords(by)}; say who asks for it, in 1 to 200 characters`);
}

/** @throws InvalidDeadLetterQueryError */
export function checkWhole(field: string, value: unknown, low: number, high: number): void {
  if (Number.isInteger(value) && Number(value) >= low && Number(value) <= high) return;
  throw refused(field, `is ${valueInWords(value)}; give a whole number from ${low} to ${high}`);
}

/** @throws InvalidDeadLetterQueryError */
export function checkNote(note: unknown): void {
  if (isStorable(note, 2_000) && note.trim() !== '') return;
  throw refused('note', `is ${valueInWords(note)}; say why, in 1 to 2000 characters`);
}

/** @throws InvalidDeadLetterQueryError */
export function checkTenant(tenantId: unknown): void {
  if (isStorable(tenantId, 200)) return;
  throw refused('tenantId', `is ${valueInWords(tenantId)}; give the tenant's id, at most 200 characters`);
}

/** Characters of an event's type or id, or of a kind of error. */
const MAX_CONDITION = 200;

/** Text that a column takes: PostgreSQL has no U+0000. What is too long is not read. */
const isStorable = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value !== '' && value.length <= max && toStorableText(value) === value;

const refused = (field: string, problem: string): InvalidDeadLetterQueryError =>
  new InvalidDeadLetterQueryError(field, `${field} ${problem}`);

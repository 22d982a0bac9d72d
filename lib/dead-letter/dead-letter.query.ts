import { printable, valueInWords } from '../common/printable.js';
import { isUuid, pageHint, type PageRequest, pageProblem } from '../common/page.js';
import { DEAD_LETTER_REASONS, DEAD_LETTER_STATUSES, type DeadLetterStatus } from '../entities/index.js';
import { InvalidDeadLetterQueryError } from './dead-letter.errors.js';
import type { DeadLetterFilter } from './dead-letter.types.js';

const FIELDS: ReadonlySet<string> = new Set<keyof DeadLetterFilter>([
  'scriptId',
  'status',
  'reason',
  'errorKind',
  'eventType',
  'eventId',
  'from',
  'to',
]);

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
  for (const field of Object.keys(filter)) {
    if (FIELDS.has(field)) continue;
    throw refused(printable(field, 60), `is no condition; give ${[...FIELDS].join(', ')}${pageHint(field)}`);
  }
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
  const list: readonly unknown[] = Array.isArray(status) ? status : [status];
  const wrong = list.find((value) => !(allowed as readonly unknown[]).includes(value));
  if (list.length > 0 && wrong === undefined) return;
  throw refused(
    'status',
    `is ${valueInWords(list.length > 0 ? wrong : status)}; give one or more of ${allowed.join(', ')}`,
  );
}

function checkText(field: string, value: unknown): void {
  if (value === undefined || (typeof value === 'string' && value !== '')) return;
  throw refused(field, `is ${valueInWords(value)}; give text that is not empty`);
}

function checkDate(field: string, value: unknown): void {
  if (value === undefined || (value instanceof Date && !Number.isNaN(value.getTime()))) return;
  throw refused(field, `is ${valueInWords(value)}; give a valid Date`);
}

/** @throws InvalidDeadLetterQueryError */
export function checkPage(page: PageRequest): void {
  const problem = pageProblem(page);
  if (problem) throw new InvalidDeadLetterQueryError(problem.field, problem.message);
}

/** Who acts is kept with the act, so it must be said. @throws InvalidDeadLetterQueryError */
export function checkBy(by: unknown): void {
  if (typeof by === 'string' && by.trim() !== '' && by.length <= 200) return;
  throw refused('by', `is ${valueInWords(by)}; say who asks for it, in 1 to 200 characters`);
}

/** @throws InvalidDeadLetterQueryError */
export function checkWhole(field: string, value: unknown, low: number, high: number): void {
  if (Number.isInteger(value) && Number(value) >= low && Number(value) <= high) return;
  throw refused(field, `is ${valueInWords(value)}; give a whole number from ${low} to ${high}`);
}

/** @throws InvalidDeadLetterQueryError */
export function checkNote(note: unknown): void {
  if (typeof note === 'string' && note.trim() !== '' && note.length <= 2_000) return;
  throw refused('note', `is ${valueInWords(note)}; say why, in 1 to 2000 characters`);
}

/** @throws InvalidDeadLetterQueryError */
export function checkTenant(tenantId: unknown): void {
  if (typeof tenantId === 'string' && tenantId !== '') return;
  throw refused('tenantId', `is ${valueInWords(tenantId)}; give the tenant's id`);
}

const refused = (field: string, problem: string): InvalidDeadLetterQueryError =>
  new InvalidDeadLetterQueryError(field, `${field} ${problem}`);

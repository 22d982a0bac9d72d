import { toStorableText } from '../common/json.js';
import { valueInWords } from '../common/printable.js';
import { fieldsProblem, isMoment, isSignal } from '../options/strict-fields.js';
import { isUuid, pageHint, type PageRequest, pageProblem } from '../common/page.js';
import { EXECUTION_STATUSES, EXECUTION_TRIGGERS } from '../entities/index.js';
import { InvalidExecutionQueryError } from './execution-query.errors.js';
import type { ExecutionFilter } from './execution.repository.js';
import type { ReplayExecutionOptions } from './execution.types.js';
import type { ManualContext } from './manual-event.js';

/** Characters of the id of a tenant, an event or who acts, of an event type or a kind of error. */
const MAX_WHO = 200;

const FIELDS = [
  'scriptId',
  'eventId',
  'eventType',
  'status',
  'trigger',
  'errorKind',
  'deadLetterId',
  'replayOf',
  'from',
  'to',
] satisfies (keyof ExecutionFilter)[];

/**
 * A filter may be the query of a request: a name that is no condition, `tenantId` among them, must not reach the
 * statement.
 *
 * @throws InvalidExecutionQueryError for the first condition that cannot be
 */
export function checkExecutionQuery(filter: ExecutionFilter, page: PageRequest): void {
  const wrong = fieldsProblem('the filter', filter, FIELDS);
  if (wrong) throw new InvalidExecutionQueryError(wrong.field, wrong.message + pageHint(wrong.field));
  const misspelt = fieldsProblem('the page', page, ['limit', 'cursor']);
  if (misspelt) throw new InvalidExecutionQueryError(misspelt.field, misspelt.message);
  checkOneOf('status', filter.status, EXECUTION_STATUSES);
  checkOneOf('trigger', filter.trigger, EXECUTION_TRIGGERS);
  for (const field of ['scriptId', 'deadLetterId', 'replayOf'] as const) {
    if (filter[field] !== undefined && !isUuid(filter[field])) throw refused(field, filter[field], 'a UUID');
  }
  for (const field of ['eventId', 'eventType', 'errorKind'] as const) {
    const value: unknown = filter[field];
    if (value !== undefined && !isStorable(value))
      throw refused(field, value, `text of at most ${MAX_WHO} characters without U+0000`);
  }
  for (const field of ['from', 'to'] as const) {
    const value: unknown = filter[field];
    if (value !== undefined && !isMoment(value)) throw refused(field, value, 'a valid Date');
  }
  const problem = pageProblem(page);
  if (problem) throw new InvalidExecutionQueryError(problem.field, problem.message);
}

/** Nothing is found without a tenant, which would look like nothing to find. @throws InvalidExecutionQueryError */
export function checkExecutionTenant(tenantId: unknown): void {
  checkWho('tenantId', tenantId, "the tenant's id");
}

/**
 * What a call that starts an execution is told besides its data.
 *
 * @throws InvalidExecutionQueryError
 */
export function checkRunContext(context: ManualContext): void {
  const problem = fieldsProblem('the context', context, ['tenantId', 'actorId', 'signal']);
  if (problem) throw new InvalidExecutionQueryError(problem.field, problem.message);
  const { tenantId, actorId, signal } = context;
  if (tenantId !== undefined && tenantId !== '') checkExecutionTenant(tenantId);
  if (actorId !== undefined && actorId !== null) checkWho('actorId', actorId, 'the id of who acts');
  checkSignal(signal);
}

/**
 * What a call that replays an execution is told.
 *
 * @throws InvalidExecutionQueryError
 */
export function checkReplayOptions(options: ReplayExecutionOptions): void {
  const problem = fieldsProblem('the options', options, ['by', 'signal']);
  if (problem) throw new InvalidExecutionQueryError(problem.field, problem.message);
  checkWho('by', options.by, 'who asks for it');
  checkSignal(options.signal);
}

function checkSignal(signal: unknown): void {
  if (signal !== undefined && !isSignal(signal)) throw refused('signal', signal, 'an AbortSignal');
}

function checkWho(field: string, value: unknown, expected: string): void {
  if (isStorable(value) && value !== '') return;
  throw refused(field, value, `${expected}, 1 to ${MAX_WHO} characters without U+0000`);
}

/** Text that a column takes: PostgreSQL has no U+0000. What is too long is not read. */
const isStorable = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_WHO && toStorableText(value) === value;

function checkOneOf(field: string, value: string | undefined, known: readonly string[]): void {
  if (value !== undefined && !known.includes(value))
    throw refused(field, value, `one of ${known.join(', ')}`);
}

const refused = (field: string, value: unknown, expected: string): InvalidExecutionQueryError =>
  new InvalidExecutionQueryError(field, `${field} is ${valueInWords(value)}; give ${expected}`);

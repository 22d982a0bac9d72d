import type { PageRequest } from '../common/page.js';
import { EXECUTION_STATUSES, EXECUTION_TRIGGERS } from '../entities/index.js';
import {
  checkBy,
  checkDate,
  checkFields,
  checkGiven,
  checkOneOf,
  checkPage,
  checkSignal,
  checkTenant,
  checkUuid,
  checkWord,
  checkId,
} from '../options/query-checks.js';
import type { ExecutionFilter } from './execution.repository.js';
import type { ReplayExecutionOptions } from './execution.types.js';
import type { ManualContext } from './manual-event.js';

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
 * Checks a filter. It may be the query of a request, so neither an unknown name nor `tenantId` may reach the statement.
 *
 * @throws InvalidQueryError for the first condition that is not valid
 */
export function checkExecutionQuery(filter: ExecutionFilter, page: PageRequest): void {
  checkFields('the filter', filter, FIELDS);
  checkGiven(filter, ['status'], (field, value) => checkOneOf(field, value, EXECUTION_STATUSES));
  checkGiven(filter, ['trigger'], (field, value) => checkOneOf(field, value, EXECUTION_TRIGGERS));
  checkGiven(filter, ['scriptId', 'deadLetterId', 'replayOf'], checkUuid);
  checkGiven(filter, ['eventType', 'errorKind'], checkWord);
  checkGiven(filter, ['eventId'], (field, value) => checkId(field, value));
  checkGiven(filter, ['from', 'to'], checkDate);
  checkPage(page);
}

/**
 * Checks the context of a call that starts an execution.
 *
 * @throws InvalidQueryError
 */
export function checkRunContext(context: ManualContext): void {
  checkFields('the context', context, ['tenantId', 'actorId', 'signal']);
  const { tenantId, actorId } = context;
  if (tenantId !== undefined) checkTenant(tenantId);
  if (actorId !== undefined && actorId !== null) checkId('actorId', actorId);
  checkGiven(context, ['signal'], (_field, signal) => checkSignal(signal));
}

/**
 * Checks the options of a call that replays an execution.
 *
 * @throws InvalidQueryError
 */
export function checkReplayOptions(options: ReplayExecutionOptions): void {
  checkFields('the options', options, ['by', 'signal']);
  checkBy(options.by);
  checkGiven(options, ['signal'], (_field, signal) => checkSignal(signal));
}

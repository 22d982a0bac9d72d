import { LONGEST_TIMER_MS } from '../common/duration.js';
import type { EventTypeName } from '../common/event-payloads.js';
import { valueInWords } from '../common/printable.js';
import { fieldsProblem } from '../options/strict-fields.js';
import { WaitConditionError } from './testing.errors.js';
import type { ScriptExecutionCompleted, ScriptExecutionFailed } from '../events/host-events.js';

/** An execution that ended while the spy listened. @publicApi */
export type SpiedExecution =
  ({ status: 'completed' } & ScriptExecutionCompleted) | ({ status: 'failed' } & ScriptExecutionFailed);

/** The executions that a test waited for: at least one. @publicApi */
export type SpiedExecutions<Status extends SpiedExecution['status']> = [
  first: Extract<SpiedExecution, { status: Status }>,
  ...more: Extract<SpiedExecution, { status: Status }>[],
];

/** Conditions on the executions that a test waits for; all given ones must hold. @publicApi */
export interface ExecutionCondition {
  tenantId?: string;
  scriptId?: string;
  eventType?: EventTypeName;
  /** Default both. */
  status?: 'completed' | 'failed';
  /** 1 for the first execution of an event by a script, one more for each retry or replay. */
  attempt?: number;
  /** How many to wait for, including those before the call. At least 1, default 1. */
  count?: number;
}

const FIELDS = ['tenantId', 'scriptId', 'eventType', 'status', 'attempt'] as const;

const STATUSES: readonly unknown[] = ['completed', 'failed', undefined];

/**
 * Refuses an invalid condition: a misspelt one would match every execution, so a test would pass for the wrong one.
 *
 * @throws WaitConditionError
 */
export function checkCondition(condition: ExecutionCondition): void {
  checkNames(condition, [...FIELDS, 'count']);
  const { status, count = 1, attempt = 1 } = condition;
  if (!STATUSES.includes(status))
    throw new WaitConditionError(`status must be completed or failed, not ${valueInWords(status)}.`);
  for (const [name, value] of Object.entries({ count, attempt })) {
    if (!Number.isInteger(value) || value < 1)
      throw new WaitConditionError(
        `${name} must be a whole number of 1 or more, not ${valueInWords(value)}.`,
      );
  }
}

/** @throws WaitConditionError */
export function checkNames(condition: object, known: readonly string[]): void {
  const problem = fieldsProblem('the filter', condition, known);
  if (problem) throw new WaitConditionError(`${problem.message}.`);
}

/**
 * Refuses an invalid number of milliseconds: a timer takes it as 1 ms, and the wait would end immediately.
 *
 * @throws WaitConditionError
 */
export function checkTimeout(timeoutMs: number): void {
  if (typeof timeoutMs === 'number' && timeoutMs >= 0 && timeoutMs <= LONGEST_TIMER_MS) return;
  throw new WaitConditionError(
    `timeoutMs must be from 0 to ${LONGEST_TIMER_MS} milliseconds, not ${valueInWords(timeoutMs)}.`,
  );
}

export const matches = (execution: SpiedExecution, condition: ExecutionCondition): boolean =>
  FIELDS.every((field) => condition[field] === undefined || execution[field] === condition[field]);

/** `2 executions with status=completed, eventType=user.created` */
export function inWords(condition: ExecutionCondition): string {
  const { count = 1 } = condition;
  const given = FIELDS.filter((field) => condition[field] !== undefined);
  const wanted = given.map((field) => `${field}=${condition[field]}`).join(', ');
  return `${count} execution${count === 1 ? '' : 's'}${wanted && ` with ${wanted}`}`;
}

/** One line of what a test saw, for a failed wait. */
export function summaryOf(execution: SpiedExecution): string {
  const { eventType, scriptId, attempt, status } = execution;
  const end =
    execution.status === 'failed' ? `failed (${execution.error.kind}: ${execution.error.message})` : status;
  return `${eventType} by script ${scriptId}, attempt ${attempt}: ${end}`;
}

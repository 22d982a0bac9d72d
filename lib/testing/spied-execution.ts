import type { ScriptExecutionCompleted, ScriptExecutionFailed } from '../events/host-events.js';

/** An execution that ended while the spy listened. @publicApi */
export type SpiedExecution =
  ({ status: 'completed' } & ScriptExecutionCompleted) | ({ status: 'failed' } & ScriptExecutionFailed);

/** Which executions a test waits for; all given conditions must hold. @publicApi */
export interface ExecutionCondition {
  tenantId?: string;
  scriptId?: string;
  eventType?: string;
  /** Default both. */
  status?: 'completed' | 'failed';
  /** 1 for the first execution of an event by a script, one more for each retry or replay. */
  attempt?: number;
  /** How many to wait for, those before the call included. At least 1, default 1. */
  count?: number;
}

const FIELDS = ['tenantId', 'scriptId', 'eventType', 'status', 'attempt'] as const;

export const matches = (execution: SpiedExecution, condition: ExecutionCondition): boolean =>
  FIELDS.every((field) => condition[field] === undefined || execution[field] === condition[field]);

/** `2 executions with status=completed, eventType=user.created` */
export function inWords(condition: ExecutionCondition): string {
  const { count = 1 } = condition;
  const given = FIELDS.filter((field) => condition[field] !== undefined);
  const wanted = given.map((field) => `${field}=${condition[field]}`).join(', ');
  return `${count} execution${count === 1 ? '' : 's'}${wanted && ` with ${wanted}`}`;
}

/** One line of what a test saw, for the message of a wait in vain. */
export function summaryOf(execution: SpiedExecution): string {
  const { eventType, scriptId, attempt, status } = execution;
  const end =
    execution.status === 'failed' ? `failed (${execution.error.kind}: ${execution.error.message})` : status;
  return `${eventType} by script ${scriptId}, attempt ${attempt}: ${end}`;
}

import type { ExecutionTrigger } from '../entities/index.js';
import type { RunError } from '../sandbox/index.js';

/**
 * Triggers of executions that a person starts. That person sees how they end, and they don't keep other executions of a
 * degraded script from running.
 */
export const BY_HAND: ReadonlySet<ExecutionTrigger> = new Set(['manual', 'test']);

/** An execution that took place. */
export interface ObservedExecution {
  executionId: string;
  tenantId: string;
  scriptId: string;
  /** The version that ran. */
  version: number;
  trigger: ExecutionTrigger;
  /** How it failed; null when it completed. */
  error: RunError | null;
}

/**
 * Port: is told how every execution of this process ended. Must return quickly and not throw. The breaker implements
 * it; because it imports this folder, this folder can't import the breaker.
 */
export abstract class ExecutionObserver {
  abstract ended(execution: ObservedExecution): void;
}

import type { EventReference } from '../common/event-envelope.js';
import { isoTime } from '../common/iso-time.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import type { IndexedScript } from '../scripts/script-index.js';
import type { Cancellation } from './cancellation.js';

/** An execution that is running. */
export interface RunningExecution extends EventReference {
  executionId: string;
  scriptId: string;
  scriptName: string;
  scriptVersion: number;
  attempt: number;
  /** ISO 8601 in UTC. */
  startedAt: string;
}

/**
 * The executions that run in this process. Records are written when executions end; until then, only this list shows
 * them.
 */
export class RunningExecutions {
  private readonly running = new Map<string, RunningExecution>();
  private readonly cancellations = new Map<string, Cancellation>();

  add(execution: RunningExecution, cancellation: Cancellation): void {
    this.running.set(execution.executionId, execution);
    this.cancellations.set(execution.executionId, cancellation);
  }

  remove(executionId: string): void {
    this.running.delete(executionId);
    this.cancellations.get(executionId)?.release();
    this.cancellations.delete(executionId);
  }

  /** Cancels an execution of the tenant. False if none with this id runs here. */
  cancel(tenantId: string, executionId: string, by: string): boolean {
    if (this.running.get(executionId)?.tenantId !== tenantId) return false;
    this.cancellations.get(executionId)?.end(by);
    return true;
  }

  /** Whether any execution of the script runs. */
  has(scriptId: string): boolean {
    for (const execution of this.running.values()) if (execution.scriptId === scriptId) return true;
    return false;
  }

  /** The executions of one tenant, oldest first. */
  list(tenantId: string): RunningExecution[] {
    return [...this.running.values()].filter((execution) => execution.tenantId === tenantId);
  }

  get size(): number {
    return this.running.size;
  }
}

export const runningExecution = (
  executionId: string,
  event: QueuedEvent,
  script: IndexedScript,
  startedAt: number,
): RunningExecution => ({
  executionId,
  tenantId: event.tenantId,
  scriptId: script.id,
  scriptName: script.name,
  scriptVersion: script.version,
  eventId: event.id,
  eventType: event.type,
  attempt: event.attempt,
  startedAt: isoTime(startedAt),
});

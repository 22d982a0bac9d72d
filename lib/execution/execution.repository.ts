import type { RecordedEvent } from '../common/event-envelope.js';
import type { EventTypeName } from '../common/event-payloads.js';
import type { Page, PageRequest } from '../common/page.js';
import type { ExecutionEntity, ExecutionLog, ExecutionStatus, ExecutionTrigger } from '../entities/index.js';

/** The record of one execution that has ended, before it is stored. */
export interface NewExecution extends RecordedEvent {
  /** UUID version 7, made by the application. */
  id: string;
  scriptId: string;
  scriptVersion: number;
  /** How many executions led to the event. */
  depth: number;
  /**
   * The execution that published the event, and the event that this execution ran for; `null` if no script published
   * it.
   */
  causeEventId: string | null;
  causeExecutionId: string | null;
  /** The payload as JSON text; `null` unless `storage.keepInput` is on. */
  inputText: string | null;
  /** 1 for the first execution of a queued event. */
  attempt: number;
  trigger: ExecutionTrigger;
  status: ExecutionStatus;
  /** What the script returned, as JSON text storable as `jsonb`; `null` for a failed execution. */
  resultText: string | null;
  /** Null unless the status is `failed`. */
  error: ExecutionErrorRecord | null;
  logs: readonly ExecutionLog[];
  logsDropped: number;
  publishedEvents: number;
  bindingCalls: number;
  durationMs: number;
  cpuMs: number;
  queueMs: number;
  idempotencyKey: string;
  /** The dead letter that was retried or replayed. */
  deadLetterId: string | null;
  /** Who requested the replay. */
  requestedBy: string | null;
  /** The execution that was replayed. */
  replayOf: string | null;
  /** The execution's span, if it was recorded. A spill file of an earlier release has neither. */
  traceId?: string | null;
  spanId?: string | null;
  /** ISO 8601 in UTC. */
  startedAt: string;
  /** ISO 8601 in UTC. */
  finishedAt: string;
}

/** A script's error as it is recorded. */
export interface ExecutionErrorRecord {
  kind: string;
  message: string;
  stack?: string;
  /** Line in the author's source, from 1. */
  line?: number;
}

/** A stored execution. @publicApi */
export type ExecutionRecord = Readonly<ExecutionEntity>;

/** A stored execution in a list, without its input, result, logs, stack and `errorAlike`. @publicApi */
export type ExecutionSummary = Omit<
  ExecutionRecord,
  'input' | 'result' | 'logs' | 'errorStack' | 'errorAlike'
>;

/** Conditions on executions; all given ones must hold. @publicApi */
export interface ExecutionFilter {
  scriptId?: string;
  eventId?: string;
  eventType?: EventTypeName;
  status?: ExecutionStatus;
  trigger?: ExecutionTrigger;
  errorKind?: string;
  deadLetterId?: string;
  /** Replays of this execution. */
  replayOf?: string;
  /** Finished at this moment or later. */
  from?: Date;
  /** Finished before this moment. */
  to?: Date;
}

/** Port: stores and reads execution records. Reads are for one tenant; another tenant's executions are never found. */
export abstract class ExecutionRepository {
  /**
   * Stores all records in one statement. A record that already exists is left as it is. A second completion of one
   * script for one event is not stored either, unless the host called the script directly or it was a test run. Returns
   * how many such second completions there were.
   */
  abstract insertMany(executions: readonly NewExecution[]): Promise<number>;

  /**
   * The execution in which the script completed for the event, or null. Direct calls of the host and test runs don't
   * count.
   */
  abstract completionOf(tenantId: string, scriptId: string, eventId: string): Promise<string | null>;

  /** @throws ExecutionNotFoundError for an unknown id, one of another tenant, and text that is no UUID */
  abstract get(tenantId: string, id: string): Promise<ExecutionRecord>;

  /**
   * Newest first.
   *
   * @throws InvalidQueryError if a condition or the page request is invalid
   */
  abstract list(
    tenantId: string,
    filter?: ExecutionFilter,
    page?: PageRequest,
  ): Promise<Page<ExecutionSummary>>;
}

import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JsonObject, JsonValue } from '../common/json.js';

/** @publicApi */
export const EXECUTION_STATUSES = ['completed', 'failed'] as const;

/** How an execution ended. @publicApi */
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

export const EXECUTION_TRIGGERS = ['event', 'retry', 'replay', 'manual', 'test'] as const;

/**
 * What started an execution: an event, the retry worker, a person's replay, a direct call, or a test run.
 *
 * @publicApi
 */
export type ExecutionTrigger = (typeof EXECUTION_TRIGGERS)[number];

/** One log line of an execution. @publicApi */
export interface ExecutionLog {
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  data?: JsonValue;
  /** Milliseconds after the start of the run. */
  at?: number;
}

/**
 * The record of one execution, written when it has ended. It has no foreign key to the script, because it outlives the
 * script.
 *
 * @publicApi
 */
@Entity({ name: 'script_executions', synchronize: false })
export class ExecutionEntity {
  /** UUID version 7, so that records sort by time. */
  @PrimaryColumn({ name: 'id', type: 'uuid' })
  id!: string;

  @PrimaryColumn({ name: 'tenant_id', type: 'text', collation: 'C' })
  tenantId!: string;

  @Column({ name: 'script_id', type: 'uuid' })
  scriptId!: string;

  /** The version of the source that ran. */
  @Column({ name: 'script_version', type: 'integer' })
  scriptVersion!: number;

  @Column({ name: 'event_id', type: 'text', collation: 'C' })
  eventId!: string;

  @Column({ name: 'event_type', type: 'text', collation: 'C' })
  eventType!: string;

  /** When the event happened. `null`, like the next two, in records of a version that didn't store it. */
  @Column({ name: 'occurred_at', type: 'timestamptz', nullable: true })
  occurredAt!: Date | null;

  /** Who caused the event, if known. */
  @Column({ name: 'actor_id', type: 'text', nullable: true })
  actorId!: string | null;

  /** How many executions led to the event: 0 for an event of the host. */
  @Column({ name: 'depth', type: 'integer', nullable: true })
  depth!: number | null;

  /**
   * The event whose execution published the event. `null`, like the next one, for an event of the host, a direct call,
   * a schedule, a test run, and a replay of an execution (see `replayOf`).
   */
  @Column({ name: 'cause_event_id', type: 'text', nullable: true })
  causeEventId!: string | null;

  /** The execution that published the event. It may have been deleted since. */
  @Column({ name: 'cause_execution_id', type: 'uuid', nullable: true })
  causeExecutionId!: string | null;

  /** The payload, if `storage.keepInput` was on. */
  @Column({ name: 'input', type: 'jsonb', nullable: true })
  input!: JsonObject | null;

  /** 1 for the first execution of a queued event, one more for each retry or replay. */
  @Column({ name: 'attempt', type: 'integer' })
  attempt!: number;

  @Column({ name: 'trigger', type: 'text', collation: 'C' })
  trigger!: ExecutionTrigger;

  @Column({ name: 'status', type: 'text', collation: 'C' })
  status!: ExecutionStatus;

  /** What the script returned. */
  @Column({ name: 'result', type: 'jsonb', nullable: true })
  result!: JsonValue | null;

  /** `timeout`, `memory`, `syntax`, `runtime`, `rejected`, `crashed` or `cancelled`; `null` if it completed. */
  @Column({ name: 'error_kind', type: 'text', collation: 'C', nullable: true })
  errorKind!: string | null;

  @Column({ name: 'error_message', type: 'text', nullable: true })
  errorMessage!: string | null;

  @Column({ name: 'error_stack', type: 'text', nullable: true })
  errorStack!: string | null;

  /** Line in the author's source; the first is 1. */
  @Column({ name: 'error_line', type: 'integer', nullable: true })
  errorLine!: number | null;

  /** The same number for failures whose messages differ only in numbers; `null` if it completed. */
  @Column({ name: 'error_alike', type: 'bigint', nullable: true })
  errorAlike!: string | null;

  @Column({ name: 'logs', type: 'jsonb', default: [] })
  logs!: ExecutionLog[];

  /** How many log lines exceeded a limit and are not in `logs`. */
  @Column({ name: 'logs_dropped', type: 'integer', default: 0 })
  logsDropped!: number;

  @Column({ name: 'published_events', type: 'integer', default: 0 })
  publishedEvents!: number;

  @Column({ name: 'binding_calls', type: 'integer', default: 0 })
  bindingCalls!: number;

  /** Milliseconds from the start of the run to its end. */
  @Column({ name: 'duration_ms', type: 'double precision' })
  durationMs!: number;

  /** Milliseconds of CPU time in the sandbox. */
  @Column({ name: 'cpu_ms', type: 'double precision' })
  cpuMs!: number;

  /** Milliseconds that the queued event waited for a worker and a sandbox process. */
  @Column({ name: 'queue_ms', type: 'double precision' })
  queueMs!: number;

  /** The same for every attempt at one event by one script. */
  @Column({ name: 'idempotency_key', type: 'text' })
  idempotencyKey!: string;

  /** The dead letter that this execution retried or replayed. */
  @Column({ name: 'dead_letter_id', type: 'uuid', nullable: true })
  deadLetterId!: string | null;

  /** Who asked for it, if it is a replay. `null` in records of a version that didn't store it. */
  @Column({ name: 'requested_by', type: 'text', nullable: true })
  requestedBy!: string | null;

  /** The execution that this one repeats, by `ExecutionService.replay`. It may have been deleted since. */
  @Column({ name: 'replay_of', type: 'uuid', nullable: true })
  replayOf!: string | null;

  /** The trace with the execution's span: 32 hexadecimal digits. `null` if the span wasn't recorded. */
  @Column({ name: 'trace_id', type: 'text', nullable: true })
  traceId!: string | null;

  /** That span: 16 hexadecimal digits. */
  @Column({ name: 'span_id', type: 'text', nullable: true })
  spanId!: string | null;

  @Column({ name: 'started_at', type: 'timestamptz' })
  startedAt!: Date;

  @Column({ name: 'finished_at', type: 'timestamptz' })
  finishedAt!: Date;
}

import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { EventCause } from '../common/event-cause.js';
import type { EventTrace, SpanReference } from '../common/event-trace.js';
import type { JsonObject } from '../common/json.js';

export const DEAD_LETTER_STATUSES = ['pending', 'retrying', 'exhausted', 'resolved', 'discarded'] as const;

/**
 * `pending` waits for its next retry, `retrying` is claimed by a worker, `exhausted` waits for a person; `resolved` has
 * completed, `discarded` was closed without completing. The first three are open.
 *
 * @publicApi
 */
export type DeadLetterStatus = (typeof DEAD_LETTER_STATUSES)[number];

export const DEAD_LETTER_REASONS = [
  'failed',
  'overflow',
  'shutdown',
  'loop',
  'undecided',
  'paused',
  'held',
  'deleted',
] as const;

/** Why a queued event became a dead letter. @publicApi */
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/**
 * One entry of a dead letter's history: an attempt, with its span if one was recorded, an action of a person, or an
 * alert.
 *
 * @publicApi
 */
export interface DeadLetterAttempt extends Partial<SpanReference> {
  /** ISO 8601 in UTC. */
  at: string;
  /**
   * An attempt: the error's kind, the reason if nothing ran, `completed`, or `lost` if the process ended during it.
   * `filtered`: a replay checked the filter again, and it doesn't match. An action: `requested` (replay), `discarded`.
   * An alert: `alerted`, `alert-failed`. A loop: `stopped`, for further events of the loop.
   */
  kind: string;
  message: string;
  durationMs: number;
  trigger: 'event' | 'retry' | 'replay' | 'manual' | 'alert';
  /** Who asked for the replay or discarded it; the channel of an alert. */
  by?: string;
  /** With `stopped`: the id that a dead letter of the event would have, so that writing it twice counts once. */
  letter?: string;
}

/**
 * A queued event whose execution failed or could not take place. It has no foreign key to the script: deleting a script
 * discards its open dead letters with a note and keeps the rows.
 *
 * @publicApi
 */
@Entity({ name: 'dead_letter_queue', synchronize: false })
export class DeadLetterEntity {
  /** UUID version 7, so that rows sort by time. */
  @PrimaryColumn({ name: 'id', type: 'uuid' })
  id!: string;

  @Column({ name: 'tenant_id', type: 'text', collation: 'C' })
  tenantId!: string;

  @Column({ name: 'script_id', type: 'uuid' })
  scriptId!: string;

  /** The version that failed; `null` if nothing ran. */
  @Column({ name: 'script_version', type: 'integer', nullable: true })
  scriptVersion!: number | null;

  @Column({ name: 'event_id', type: 'text', collation: 'C' })
  eventId!: string;

  @Column({ name: 'event_type', type: 'text' })
  eventType!: string;

  /** The event's declared fields. */
  @Column({ name: 'event_data', type: 'jsonb' })
  payload!: JsonObject;

  @Column({ name: 'occurred_at', type: 'timestamptz' })
  occurredAt!: Date;

  @Column({ name: 'actor_id', type: 'text', nullable: true })
  actorId!: string | null;

  @Column({ name: 'cause', type: 'jsonb' })
  cause!: EventCause;

  /** The span of publishing the event; `null` if it isn't traced. */
  @Column({ name: 'trace', type: 'jsonb', nullable: true })
  trace!: EventTrace | null;

  @Column({ name: 'reason', type: 'text', collation: 'C' })
  reason!: DeadLetterReason;

  @Column({ name: 'error', type: 'text' })
  error!: string;

  @Column({ name: 'error_kind', type: 'text', nullable: true })
  errorKind!: string | null;

  /** Line of the error in the author's source; the first is 1. */
  @Column({ name: 'error_line', type: 'integer', nullable: true })
  errorLine!: number | null;

  /** As in the execution: the same number for failures whose messages differ only in numbers; `null` if nothing ran. */
  @Column({ name: 'error_alike', type: 'bigint', nullable: true })
  errorAlike!: string | null;

  @Column({ name: 'status', type: 'text', collation: 'C', default: 'pending' })
  status!: DeadLetterStatus;

  @Column({ name: 'retry_count', type: 'integer', default: 0 })
  retryCount!: number;

  @Column({ name: 'max_retries', type: 'integer', default: 3 })
  maxRetries!: number;

  /** Set while it is pending. */
  @Column({ name: 'next_retry_at', type: 'timestamptz', nullable: true })
  nextRetryAt!: Date | null;

  /** History, oldest first. */
  @Column({ name: 'attempts', type: 'jsonb', default: [] })
  attempts!: DeadLetterAttempt[];

  /** End of the lease while it is retrying or being alerted; another worker may claim it afterwards. */
  @Column({ name: 'locked_until', type: 'timestamptz', nullable: true })
  lockedUntil!: Date | null;

  /** Fencing token of the claim: a worker that lost its lease can no longer write. */
  @Column({ name: 'locked_by', type: 'text', nullable: true })
  lockedBy!: string | null;

  /** When the one alert for an exhausted dead letter was sent, or it was counted in the alert of an older one. */
  @Column({ name: 'alerted_at', type: 'timestamptz', nullable: true })
  alertedAt!: Date | null;

  /**
   * How many dead letters of the script its own alert reports, including itself; `null` if it has no alert of its own.
   */
  @Column({ name: 'alert_count', type: 'integer', nullable: true })
  alertCount!: number | null;

  /**
   * How many queued events it stands for. 1, except for two reasons. `loop`: there is one dead letter for a script and
   * an event of the host; it holds the first stopped event. `undecided`: there is one for an event and all the tenant's
   * scripts whose filters need too many steps on it.
   */
  @Column({ name: 'event_count', type: 'integer', default: 1 })
  eventCount!: number;

  /** The id of the host's event that the loop began with; `null` for other reasons. */
  @Column({ name: 'loop_root', type: 'text', collation: 'C', nullable: true })
  loopRoot!: string | null;

  /**
   * With the reason `undecided`: the scripts that it stands for besides `scriptId`, if any. A replay makes a dead
   * letter for each of them. Otherwise `null`.
   */
  @Column({ name: 'other_script_ids', type: 'uuid', array: true, nullable: true })
  otherScriptIds!: string[] | null;

  @Column({ name: 'resolved_at', type: 'timestamptz', nullable: true })
  resolvedAt!: Date | null;

  /** Who resolved or discarded it. */
  @Column({ name: 'resolved_by', type: 'text', nullable: true })
  resolvedBy!: string | null;

  @Column({ name: 'note', type: 'text', nullable: true })
  note!: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;
}

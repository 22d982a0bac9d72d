import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { JsonObject, JsonValue } from '../common/json.js';

/**
 * The statuses of a script. Only active scripts run; events for a disabled one are kept. {@link ScriptService} changes
 * them.
 */
export const SCRIPT_STATUSES = ['draft', 'active', 'paused', 'disabled', 'archived'] as const;

/** @publicApi */
export type ScriptStatus = (typeof SCRIPT_STATUSES)[number];

export const ORDERED_FAILURE_POLICIES = ['block', 'skip'] as const;

/**
 * What happens when an ordered event fails. `block`: events with the same key wait until its dead letter is closed.
 * `skip`: the next one runs.
 *
 * @publicApi
 */
export type OrderedFailurePolicy = (typeof ORDERED_FAILURE_POLICIES)[number];

/**
 * Limits for runs of this script, in place of the sandbox's defaults.
 *
 * @publicApi
 */
export interface ScriptLimits {
  /** Milliseconds that a run may take: 1 to 600,000, at most `sandbox.maxTimeout`. */
  timeoutMs?: number;
  /** Megabytes of heap: 8 to 1,024, at most `sandbox.maxMemoryMb`. */
  memoryMb?: number;
}

export const CATCH_UP_POLICIES = ['one', 'none'] as const;

/**
 * What happens to times that no process could act on, because none ran or the database was unavailable. `one`: one run,
 * for the latest of them. `none`: no run.
 *
 * @publicApi
 */
export type CatchUpPolicy = (typeof CATCH_UP_POLICIES)[number];

export const OVERLAP_POLICIES = ['skip', 'queue'] as const;

/**
 * What happens to a time that comes while the run of the time before still waits or runs. `skip`: it is left out.
 * `queue`: it runs as soon as the earlier run has ended; of several such times, only the latest runs.
 *
 * @publicApi
 */
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/** Times at which a script runs, and what it is given. @publicApi */
export interface ScriptSchedule {
  /** A cron expression: minute, hour, day of the month, month, day of the week; or six fields, with seconds first. */
  cron: string;
  /** The time zone of the expression, such as `Asia/Tashkent`. */
  timezone: string;
  catchUp: CatchUpPolicy;
  overlap: OverlapPolicy;
  /** `ctx.input.payload` of its runs. */
  payload: JsonValue;
}

/**
 * A tenant's script: the event types it listens to, its filter, and the current version of its source. The source
 * itself is in {@link ScriptVersionEntity}. The migrations create the table, never `synchronize`, because decorators
 * can't express its triggers and partial indexes.
 *
 * @publicApi
 */
@Entity({ name: 'scripts', synchronize: false })
export class ScriptEntity {
  /** UUID version 7: ordered by time of creation. */
  @PrimaryColumn({ name: 'id', type: 'uuid' })
  id!: string;

  @Column({ name: 'tenant_id', type: 'text', collation: 'C' })
  tenantId!: string;

  /** Unique among the tenant's scripts that are not archived. */
  @Column({ name: 'name', type: 'text', collation: 'C' })
  name!: string;

  @Column({ name: 'description', type: 'text', nullable: true })
  description!: string | null;

  /** Empty only for a script with schedules. */
  @Column({ name: 'event_types', type: 'text', array: true })
  eventTypes!: string[];

  /** The filter as its author wrote it; with `null`, every event of the types matches. */
  @Column({ name: 'filters', type: 'jsonb', nullable: true })
  filters!: JsonObject | null;

  @Column({ name: 'status', type: 'text', collation: 'C', default: 'draft' })
  status!: ScriptStatus;

  /** Why it was paused, disabled or degraded. */
  @Column({ name: 'status_reason', type: 'text', nullable: true })
  statusReason!: string | null;

  /**
   * Whether it fails too often: it then runs one event at a time in each process, until it is healthy again or
   * disabled.
   */
  @Column({ name: 'degraded', type: 'boolean', default: false })
  degraded!: boolean;

  /** The current version of the source; 1 is the first. */
  @Column({ name: 'version', type: 'integer', default: 1 })
  version!: number;

  @Column({ name: 'limits', type: 'jsonb', nullable: true })
  limits!: ScriptLimits | null;

  /** Names of the bindings that it may call; `null` means none. */
  @Column({ name: 'bindings', type: 'text', array: true, nullable: true })
  bindings!: string[] | null;

  /** Names of the secrets that it may use; `null` means none. */
  @Column({ name: 'secrets', type: 'text', array: true, nullable: true })
  secrets!: string[] | null;

  /** How many runs of this script there may be at the same time; `null` means the buffer's own limit. */
  @Column({ name: 'max_concurrency', type: 'integer', nullable: true })
  maxConcurrency!: number | null;

  /** Path of the payload's field that orders its events; `null`: no order. */
  @Column({ name: 'ordering_key', type: 'text', nullable: true })
  orderingKey!: string | null;

  /** What happens to the later events with the same key if one fails. */
  @Column({ name: 'on_ordered_failure', type: 'text', default: 'block' })
  onOrderedFailure!: OrderedFailurePolicy;

  /** How many runs of this script may begin in one minute of the clock; `null`: no limit. */
  @Column({ name: 'runs_per_minute', type: 'integer', nullable: true })
  runsPerMinute!: number | null;

  /** Times at which it runs without an event of the host; `null`: none. */
  @Column({ name: 'schedules', type: 'jsonb', nullable: true })
  schedules!: ScriptSchedule[] | null;

  @Column({ name: 'created_by', type: 'text', nullable: true })
  createdBy!: string | null;

  @Column({ name: 'updated_by', type: 'text', nullable: true })
  updatedBy!: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  /** Set by a trigger on every change. */
  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;

  /**
   * Set by a trigger on every change, from a sequence, so that no two states of a script share one. Text, because it
   * has 64 bits.
   */
  @Column({ name: 'revision', type: 'bigint', insert: false, update: false })
  revision!: string;
}

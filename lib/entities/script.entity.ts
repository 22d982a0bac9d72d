import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { JsonObject } from '../common/json.js';

/**
 * States of a script; only active ones run, and what comes for a disabled one is kept. {@link ScriptService} draws the
 * ways between them.
 */
export const SCRIPT_STATUSES = ['draft', 'active', 'paused', 'disabled', 'archived'] as const;

/** @publicApi */
export type ScriptStatus = (typeof SCRIPT_STATUSES)[number];

export const ORDERED_FAILURE_POLICIES = ['block', 'skip'] as const;

/**
 * What follows when an ordered event fails: `block` holds those with the same key back until its dead letter is closed,
 * `skip` goes on to the next one.
 *
 * @publicApi
 */
export type OrderedFailurePolicy = (typeof ORDERED_FAILURE_POLICIES)[number];

/**
 * What a run of this script may use, instead of the sandbox's own limits.
 *
 * @publicApi
 */
export interface ScriptLimits {
  /** Milliseconds a run may take, 1 to 600,000. */
  timeoutMs?: number;
  /** Megabytes of heap, 8 to 1,024. */
  memoryMb?: number;
}

/**
 * A tenant's script: which events it listens to, under which filter, and which version of its source is current.
 * The source itself is in {@link ScriptVersionEntity}. The table is made by the migrations, never by `synchronize`:
 * its triggers and partial indexes cannot be said with decorators.
 *
 * @publicApi
 */
@Entity({ name: 'scripts', synchronize: false })
export class ScriptEntity {
  /** UUID version 7: ordered by time of creation. */
  @PrimaryColumn({ name: 'id', type: 'uuid' })
  id!: string;

  @Column({ name: 'tenant_id', type: 'text' })
  tenantId!: string;

  /** Unique among the tenant's scripts that are not archived. */
  @Column({ name: 'name', type: 'text' })
  name!: string;

  @Column({ name: 'description', type: 'text', nullable: true })
  description!: string | null;

  /** Never empty. */
  @Column({ name: 'event_types', type: 'text', array: true })
  eventTypes!: string[];

  /** The filter as its author wrote it; `null` lets every event of the types through. */
  @Column({ name: 'filters', type: 'jsonb', nullable: true })
  filters!: JsonObject | null;

  @Column({ name: 'status', type: 'text', default: 'draft' })
  status!: ScriptStatus;

  /** Why it was paused, disabled or degraded. */
  @Column({ name: 'status_reason', type: 'text', nullable: true })
  statusReason!: string | null;

  /** It fails too often: it runs, one at a time in each process, until it is well again or disabled. */
  @Column({ name: 'degraded', type: 'boolean', default: false })
  degraded!: boolean;

  /** The current version of the source; 1 is the first. */
  @Column({ name: 'version', type: 'integer', default: 1 })
  version!: number;

  @Column({ name: 'limits', type: 'jsonb', nullable: true })
  limits!: ScriptLimits | null;

  /** Names of the bindings it may call; `null` means none. */
  @Column({ name: 'bindings', type: 'text', array: true, nullable: true })
  bindings!: string[] | null;

  /** Runs of this script at the same time; `null` means the buffer's own limit. */
  @Column({ name: 'max_concurrency', type: 'integer', nullable: true })
  maxConcurrency!: number | null;

  /** Path of the payload's field by which its events are ordered; `null`: in no order. */
  @Column({ name: 'ordering_key', type: 'text', nullable: true })
  orderingKey!: string | null;

  /** What a failure of an ordered event does to those behind it. */
  @Column({ name: 'on_ordered_failure', type: 'text', default: 'block' })
  onOrderedFailure!: OrderedFailurePolicy;

  /** Runs of this script that begin in one minute of the clock; `null`: no limit. */
  @Column({ name: 'runs_per_minute', type: 'integer', nullable: true })
  runsPerMinute!: number | null;

  @Column({ name: 'created_by', type: 'text', nullable: true })
  createdBy!: string | null;

  @Column({ name: 'updated_by', type: 'text', nullable: true })
  updatedBy!: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  /** Set by a trigger on every change. */
  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;

  /** Set by a trigger on every change, from a sequence: two states of a script never share one. Text, as it is 64 bits. */
  @Column({ name: 'revision', type: 'bigint', insert: false, update: false })
  revision!: string;
}

import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { DeadLetterAttempt } from './dead-letter.entity.js';

/** What changes in a script's health. `resumed`: it runs again as before, by itself or because somebody asked. */
export const SCRIPT_HEALTH_CHANGES = ['degraded', 'disabled', 'resumed'] as const;

/** @publicApi */
export type ScriptHealthChange = (typeof SCRIPT_HEALTH_CHANGES)[number];

/** A failure of a script as its health keeps it. @publicApi */
export interface ScriptFailure {
  /** ISO 8601 in UTC. */
  at: string;
  /** The version that failed. */
  version: number;
  /** `timeout`, `memory`, `syntax`, `runtime`, `rejected` or `crashed`. */
  kind: string;
  /** The script's own words when the kind is `runtime`; at most 500 characters. */
  message: string;
  executionId: string;
}

/**
 * What the breaker knows of one script, written when it fails and never for a script that does not. Whether it is
 * degraded or disabled now is said by the script itself.
 *
 * @publicApi
 */
@Entity({ name: 'script_health', synchronize: false })
export class ScriptHealthEntity {
  @PrimaryColumn({ name: 'script_id', type: 'uuid' })
  scriptId!: string;

  @Column({ name: 'tenant_id', type: 'text' })
  tenantId!: string;

  /** The version that the window is about. */
  @Column({ name: 'version', type: 'integer' })
  version!: number;

  /** The first failure that counts; `null` when nothing counts against the script. */
  @Column({ name: 'window_started_at', type: 'timestamptz', nullable: true })
  windowStartedAt!: Date | null;

  /** What counts against it; the breaker's policy says how much is too much. */
  @Column({ name: 'points', type: 'double precision', default: 0 })
  points!: number;

  /** Executions since the window started, of the processes that saw it fail. */
  @Column({ name: 'runs', type: 'integer', default: 0 })
  runs!: number;

  @Column({ name: 'failures', type: 'integer', default: 0 })
  failures!: number;

  @Column({ name: 'failures_by_kind', type: 'jsonb', default: {} })
  failuresByKind!: Record<string, number>;

  /** Failures that took the sandbox process with them, since the window started. */
  @Column({ name: 'ended_processes', type: 'integer', default: 0 })
  endedProcesses!: number;

  @Column({ name: 'last_failure', type: 'jsonb', nullable: true })
  lastFailure!: ScriptFailure | null;

  /** Sandbox processes the script has ever ended, by kind of failure. */
  @Column({ name: 'blame', type: 'jsonb', default: {} })
  blame!: Record<string, number>;

  @Column({ name: 'blame_total', type: 'integer', default: 0 })
  blameTotal!: number;

  @Column({ name: 'blame_first_at', type: 'timestamptz', nullable: true })
  blameFirstAt!: Date | null;

  @Column({ name: 'blame_last_at', type: 'timestamptz', nullable: true })
  blameLastAt!: Date | null;

  /** The version that did so last. */
  @Column({ name: 'blame_version', type: 'integer', nullable: true })
  blameVersion!: number | null;

  /** Events that were lost while it was disabled, because `breaker.maxHeld` waited already. */
  @Column({ name: 'no_room', type: 'integer', default: 0 })
  noRoom!: number;

  /** Counts the changes below, so that an alert of one is not taken for that of another. */
  @Column({ name: 'changes', type: 'integer', default: 0 })
  changes!: number;

  /** The latest change; `null` when there was none. */
  @Column({ name: 'changed_to', type: 'text', nullable: true })
  changedTo!: ScriptHealthChange | null;

  @Column({ name: 'changed_at', type: 'timestamptz', nullable: true })
  changedAt!: Date | null;

  /** Who did it; `scripts-event` for the breaker. */
  @Column({ name: 'changed_by', type: 'text', nullable: true })
  changedBy!: string | null;

  @Column({ name: 'change_reason', type: 'text', nullable: true })
  changeReason!: string | null;

  /** When everybody had been told of the latest change. */
  @Column({ name: 'alerted_at', type: 'timestamptz', nullable: true })
  alertedAt!: Date | null;

  /** Attempts to tell of it, when one failed. */
  @Column({ name: 'alert_attempts', type: 'jsonb', default: [] })
  alertAttempts!: DeadLetterAttempt[];

  @Column({ name: 'alert_locked_by', type: 'text', nullable: true })
  alertLockedBy!: string | null;

  @Column({ name: 'alert_locked_until', type: 'timestamptz', nullable: true })
  alertLockedUntil!: Date | null;
}

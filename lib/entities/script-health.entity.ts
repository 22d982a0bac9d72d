import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { DeadLetterAttempt } from './dead-letter.entity.js';

/** The changes of a script's health. `resumed`: it runs normally again, on its own or because somebody resumed it. */
export const SCRIPT_HEALTH_CHANGES = ['degraded', 'disabled', 'resumed'] as const;

/** @publicApi */
export type ScriptHealthChange = (typeof SCRIPT_HEALTH_CHANGES)[number];

/** A script's failure, as its health stores it. @publicApi */
export interface ScriptFailure {
  /** ISO 8601 in UTC. */
  at: string;
  /** The version that failed. */
  version: number;
  /** `timeout`, `memory`, `syntax`, `runtime`, `rejected` or `crashed`. */
  kind: string;
  /** Written by the script if the kind is `runtime`; at most 500 characters. */
  message: string;
  executionId: string;
}

/**
 * What the breaker knows about one script. Written only when a script fails. Whether it is degraded or disabled now is
 * in the script's own row.
 *
 * @publicApi
 */
@Entity({ name: 'script_health', synchronize: false })
export class ScriptHealthEntity {
  @PrimaryColumn({ name: 'script_id', type: 'uuid' })
  scriptId!: string;

  @Column({ name: 'tenant_id', type: 'text', collation: 'C' })
  tenantId!: string;

  /** The version whose failures the window counts. */
  @Column({ name: 'version', type: 'integer' })
  version!: number;

  /** When the first failure that counts happened; `null` if none counts. */
  @Column({ name: 'window_started_at', type: 'timestamptz', nullable: true })
  windowStartedAt!: Date | null;

  /** The points of the failures that count; `breaker.policy.ts` says how many are too many. */
  @Column({ name: 'points', type: 'double precision', default: 0 })
  points!: number;

  /** Executions since the window started, in the processes that saw the script fail. */
  @Column({ name: 'runs', type: 'integer', default: 0 })
  runs!: number;

  @Column({ name: 'failures', type: 'integer', default: 0 })
  failures!: number;

  @Column({ name: 'failures_by_kind', type: 'jsonb', default: {} })
  failuresByKind!: Record<string, number>;

  /** Failures since the window started that ended the sandbox process. */
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

  /** The version that last ended a process. */
  @Column({ name: 'blame_version', type: 'integer', nullable: true })
  blameVersion!: number | null;

  /** Events lost while the script was disabled, because `breaker.maxHeld` dead letters already waited. */
  @Column({ name: 'no_room', type: 'integer', default: 0 })
  noRoom!: number;

  /** Counts the changes below, so that alerts of different changes can be told apart. */
  @Column({ name: 'changes', type: 'integer', default: 0 })
  changes!: number;

  /** The latest change; `null` when there was none. */
  @Column({ name: 'changed_to', type: 'text', collation: 'C', nullable: true })
  changedTo!: ScriptHealthChange | null;

  @Column({ name: 'changed_at', type: 'timestamptz', nullable: true })
  changedAt!: Date | null;

  /** Who made the change; `scripts-event` for the breaker. */
  @Column({ name: 'changed_by', type: 'text', nullable: true })
  changedBy!: string | null;

  @Column({ name: 'change_reason', type: 'text', nullable: true })
  changeReason!: string | null;

  /** When every channel had the alert about the latest change. */
  @Column({ name: 'alerted_at', type: 'timestamptz', nullable: true })
  alertedAt!: Date | null;

  /** Attempts to send that alert, if one failed. */
  @Column({ name: 'alert_attempts', type: 'jsonb', default: [] })
  alertAttempts!: DeadLetterAttempt[];

  @Column({ name: 'alert_locked_by', type: 'text', nullable: true })
  alertLockedBy!: string | null;

  @Column({ name: 'alert_locked_until', type: 'timestamptz', nullable: true })
  alertLockedUntil!: Date | null;
}

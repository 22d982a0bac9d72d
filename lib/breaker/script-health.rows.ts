import { toStorableJson } from '../common/json.js';
import { printable } from '../common/printable.js';
import type { ScriptAlert } from '../alerts/alert.channel.js';
import type { DeadLetterAttempt, ScriptHealthChange, ScriptFailure } from '../entities/index.js';
import { type HealthWindow, NOTHING_COUNTS, sum } from './breaker.policy.js';
import type { RunReport } from './run-report.js';
import type { ScriptBlame, ScriptHealth, ScriptHealthState } from './script-health.types.js';

type Counts = Record<string, number>;

/** A row of the table. Times are ISO 8601. */
interface HealthRow {
  script_id: string;
  tenant_id: string;
  version: number;
  window_started_at: string | null;
  points: number;
  runs: number;
  failures: number;
  failures_by_kind: Counts;
  ended_processes: number;
  last_failure: ScriptFailure | null;
  blame: Counts;
}

/** The same row, locked, with the present state of its script. */
export interface LockedRow extends HealthRow {
  current_version: number;
  degraded: boolean;
  now: number;
}

/** A change that needs an alert. */
export interface ChangeRow extends HealthRow {
  name: string | null;
  changes: number;
  changed_to: ScriptHealthChange;
  changed_at: string;
  changed_by: string | null;
  change_reason: string | null;
  alert_attempts: DeadLetterAttempt[];
}

/** A row of `blame`. */
export interface BlameRow {
  script_id: string;
  name: string;
  blame: Counts;
  blame_total: number;
  blame_first_at: string;
  blame_last_at: string;
  blame_version: number;
}

/** A script with its health. The columns of the health are null if it has no row. */
export interface ViewRow {
  id: string;
  tenant_id: string;
  name: string;
  version: number;
  status_reason: string | null;
  state: ScriptHealthState;
  window_version: number | null;
  window_started_at: string | null;
  runs: number;
  failures: number;
  failures_by_kind: Counts;
  ended_processes: number;
  last_failure: ScriptFailure | null;
  blame: Counts | null;
  blame_total: number;
  blame_first_at: string;
  blame_last_at: string;
  blame_version: number;
  no_room: number;
  changed_at: string | null;
  changed_by: string | null;
  waiting: number;
}

export const dateOf = (time: string | null): Date | null => (time === null ? null : new Date(time));

/** What counts against the script's current version. */
export function windowOf(row: LockedRow): HealthWindow {
  if (row.version !== row.current_version || row.window_started_at === null) return NOTHING_COUNTS;
  return {
    startedAt: Date.parse(row.window_started_at),
    points: row.points,
    runs: row.runs,
    failures: row.failures,
    failuresByKind: row.failures_by_kind,
    endedProcesses: row.ended_processes,
  };
}

/** The input of the statement that stores the health. */
export const storedRowOf = (row: LockedRow, window: HealthWindow, { lost, last }: RunReport): object => ({
  script_id: row.script_id,
  version: row.current_version,
  points: window.points,
  runs: window.runs,
  failures: window.failures,
  started_at: window.startedAt,
  failures_by_kind: window.failuresByKind,
  ended_processes: window.endedProcesses,
  last_failure: last && (JSON.parse(toStorableJson(JSON.stringify(last))) as ScriptFailure),
  blame: sum(row.blame, lost),
  lost: Object.values(lost).reduce((all, count) => all + count, 0),
});

export const blameOf = (row: BlameRow): ScriptBlame => ({
  scriptId: row.script_id,
  scriptName: row.name,
  total: row.blame_total,
  byKind: row.blame,
  firstAt: new Date(row.blame_first_at),
  lastAt: new Date(row.blame_last_at),
  version: row.blame_version,
});

export function healthOf(row: ViewRow): ScriptHealth {
  const { window_started_at: startedAt, blame } = row;
  return {
    scriptId: row.id,
    tenantId: row.tenant_id,
    scriptName: row.name,
    version: row.version,
    state: row.state,
    reason: row.state === 'healthy' ? null : row.status_reason,
    changedAt: dateOf(row.changed_at),
    changedBy: row.changed_by,
    window:
      startedAt === null || row.window_version !== row.version
        ? null
        : {
            startedAt: new Date(startedAt),
            runs: row.runs,
            failures: row.failures,
            failuresByKind: row.failures_by_kind,
            endedProcesses: row.ended_processes,
          },
    lastFailure: row.last_failure,
    blame: blame === null || row.blame_total === 0 ? null : blameOf({ ...row, blame, script_id: row.id }),
    waiting: row.waiting,
    noRoom: row.no_room,
  };
}

export const scriptAlertOf = (row: ChangeRow): ScriptAlert => ({
  tenantId: row.tenant_id,
  scriptId: row.script_id,
  scriptName: row.name === null ? null : printable(row.name),
  state: row.changed_to,
  change: row.changes,
  reason: row.change_reason === null ? null : printable(row.change_reason),
  by: row.changed_by,
  changedAt: new Date(row.changed_at).toISOString(),
  scriptVersion: row.version,
  runs: row.runs,
  failures: row.failures,
  endedProcesses: row.ended_processes,
  lastError: row.last_failure && {
    kind: row.last_failure.kind,
    message: printable(row.last_failure.message),
  },
});

import type { ScriptHealthChange, ScriptEntity } from '../entities/index.js';
import type { Statements } from '../entities/primary-database.js';

type Health = Pick<ScriptEntity, 'status' | 'degraded'>;

/** How a change of a script changes its script health; null if it doesn't. */
export function healthChangeOf(before: Health, columns: Partial<Health>): ScriptHealthChange | null {
  const after = { ...before, ...columns };
  if (after.status === 'disabled') return before.status === 'disabled' ? null : 'disabled';
  if (after.degraded) return before.degraded ? null : 'degraded';
  const runs = after.status === 'active';
  return before.degraded || (before.status === 'disabled' && runs) ? 'resumed' : null;
}

/**
 * Stores a change of script health in the transaction that changes the script, so that it is reported once over all
 * processes. Resets the counts of a script that is resumed.
 */
export async function noteHealthChange(
  statements: Statements,
  table: string,
  script: Pick<ScriptEntity, 'id' | 'tenantId' | 'version' | 'updatedBy' | 'statusReason'>,
  change: ScriptHealthChange,
): Promise<void> {
  const { id, tenantId, version, updatedBy, statusReason } = script;
  await statements.query(
    `INSERT INTO ${table} AS h (script_id, tenant_id, version, changes, changed_to, changed_at, changed_by, change_reason)
     VALUES ($1, $2, $3, 1, $4, now(), $5, $6)
     ON CONFLICT (script_id) DO UPDATE SET changes = h.changes + 1, changed_to = excluded.changed_to,
       changed_at = excluded.changed_at, changed_by = excluded.changed_by, change_reason = excluded.change_reason,
       alerted_at = NULL, alert_attempts = '[]', alert_locked_by = NULL, alert_locked_until = NULL
       ${RESET[change]}`,
    [id, tenantId, version, change, updatedBy, statusReason],
  );
}

const RESET: Record<ScriptHealthChange, string> = {
  degraded: '',
  disabled: ', no_room = 0',
  resumed: `, version = excluded.version, window_started_at = NULL, points = 0, runs = 0, failures = 0,
    failures_by_kind = '{}', ended_processes = 0`,
};

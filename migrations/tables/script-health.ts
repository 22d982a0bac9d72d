import type { Names } from '../names.js';
import { KEY_TEXT } from './key-text.js';

/**
 * The script health of each script. There is no foreign key: it would lock the script's row, in the opposite order to a
 * change of the script, and the two could deadlock.
 */
export function scriptHealth(names: Names): string[] {
  const table = names.path('script_health');
  return [
    `CREATE TABLE ${table} (
      script_id uuid PRIMARY KEY,
      tenant_id ${KEY_TEXT} NOT NULL,
      version integer NOT NULL,
      window_started_at timestamptz,
      points double precision NOT NULL DEFAULT 0 CHECK (points >= 0),
      runs integer NOT NULL DEFAULT 0,
      failures integer NOT NULL DEFAULT 0,
      failures_by_kind jsonb NOT NULL DEFAULT '{}',
      ended_processes integer NOT NULL DEFAULT 0,
      last_failure jsonb,
      blame jsonb NOT NULL DEFAULT '{}',
      blame_total integer NOT NULL DEFAULT 0,
      blame_first_at timestamptz,
      blame_last_at timestamptz,
      blame_version integer,
      no_room integer NOT NULL DEFAULT 0,
      changes integer NOT NULL DEFAULT 0,
      changed_to ${KEY_TEXT} CHECK (changed_to IN ('degraded', 'disabled', 'resumed')),
      changed_at timestamptz,
      changed_by text,
      change_reason text,
      alerted_at timestamptz,
      alert_attempts jsonb NOT NULL DEFAULT '[]',
      alert_locked_by text,
      alert_locked_until timestamptz
    )`,
    // Which scripts of a tenant have ended processes, worst first.
    `CREATE INDEX ${names.own('script_health_blame_idx')} ON ${table} (tenant_id, blame_total DESC, script_id)
      WHERE blame_total > 0`,
    // Changes without an alert.
    `CREATE INDEX ${names.own('script_health_alert_idx')} ON ${table} (tenant_id, changed_at)
      WHERE changed_to IS NOT NULL AND alerted_at IS NULL`,
  ];
}

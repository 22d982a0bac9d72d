import { isoTime } from '../common/sql-types.js';
import { tenantsWith } from '../common/tenant-rotation.js';

/** Paths of the tables, quoted. */
export interface ScriptHealthTables {
  health: string;
  scripts: string;
  deadLetters: string;
}

/** Conditions over `s`, as the partial index has them. */
const UNWELL = `(s.status = 'disabled' OR s.degraded)`;
const BLAME = `h.blame, h.blame_total, ${isoTime('h.blame_first_at')} AS blame_first_at,
      ${isoTime('h.blame_last_at')} AS blame_last_at, h.blame_version`;
/** The columns of a `HealthRow`. */
const columns = (h: string): string => `${h}.script_id, ${h}.tenant_id, ${h}.version,
        ${isoTime(`${h}.window_started_at`)} AS window_started_at, ${h}.points::numeric, ${h}.runs, ${h}.failures,
        ${h}.failures_by_kind, ${h}.ended_processes, ${h}.last_failure, ${h}.blame`;
const UNTOLD = 'changed_to IS NOT NULL AND alerted_at IS NULL';
const STATE = `CASE WHEN s.status = 'disabled' THEN 'disabled' WHEN s.degraded AND s.status = 'active' THEN 'degraded' ELSE 'healthy' END`;

/** The statements of the repository. Each returns rows. */
export function scriptHealthSql({ health, scripts, deadLetters }: ScriptHealthTables) {
  /** @param waiting the parameter with the limit for counting the dead letters that wait */
  const view = (waiting: string): string => `SELECT s.id, s.tenant_id, s.name, s.version, s.status_reason,
      ${STATE} AS state, h.version AS window_version, ${isoTime('h.window_started_at')} AS window_started_at, h.runs, h.failures,
      h.failures_by_kind, h.ended_processes, h.last_failure, ${BLAME},
      coalesce(h.no_room, 0) AS no_room, ${isoTime('h.changed_at')} AS changed_at, h.changed_by,
      (SELECT count(*)::int FROM (
        SELECT FROM ${deadLetters} d WHERE d.script_id = s.id AND d.status = 'pending' LIMIT ${waiting}::int
      ) p) AS waiting
    FROM ${scripts} s LEFT JOIN ${health} h ON h.script_id = s.id AND h.tenant_id = s.tenant_id`;
  return {
    /** $1 scripts as JSON. Adds a row for each script that has none yet. */
    begin: `INSERT INTO ${health} (script_id, tenant_id, version)
      SELECT s.id, s.tenant_id, s.version FROM json_to_recordset($1::json) AS r (script_id uuid, tenant_id text)
        JOIN ${scripts} s ON s.id = r.script_id AND s.tenant_id = r.tenant_id
       ORDER BY s.id ON CONFLICT DO NOTHING`,

    /** $1 the same. In order of id, so that two processes never wait for each other. */
    lock: `SELECT ${columns('h')}, s.version AS current_version, s.degraded,
        (extract(epoch FROM clock_timestamp()) * 1000)::numeric AS now
      FROM json_to_recordset($1::json) AS r (script_id uuid, tenant_id text)
        JOIN ${health} h ON h.script_id = r.script_id AND h.tenant_id = r.tenant_id
        JOIN ${scripts} s ON s.id = h.script_id AND s.tenant_id = h.tenant_id
      ORDER BY h.script_id FOR UPDATE OF h`,

    /** $1 rows as JSON */
    store: `UPDATE ${health} h SET version = r.version, points = r.points, runs = r.runs, failures = r.failures,
        window_started_at = to_timestamp(r.started_at / 1000), failures_by_kind = r.failures_by_kind,
        ended_processes = r.ended_processes, last_failure = coalesce(r.last_failure, h.last_failure),
        blame = r.blame, blame_total = h.blame_total + r.lost,
        blame_first_at = CASE WHEN r.lost > 0 THEN coalesce(h.blame_first_at, now()) ELSE h.blame_first_at END,
        blame_last_at = CASE WHEN r.lost > 0 THEN now() ELSE h.blame_last_at END,
        blame_version = CASE WHEN r.lost > 0 THEN r.version ELSE h.blame_version END
      FROM json_to_recordset($1::json) AS r (script_id uuid, version integer, points float8, runs integer,
        failures integer, started_at float8, failures_by_kind jsonb, ended_processes integer, last_failure jsonb,
        blame jsonb, lost integer)
      WHERE h.script_id = r.script_id`,

    /** $1 scripts, $2 counts */
    addNoRoom: `UPDATE ${health} h SET no_room = h.no_room + r.count
      FROM unnest($1::uuid[], $2::int[]) AS r (script_id, count) WHERE h.script_id = r.script_id`,

    /** $1 tenant, $2 script, $3 bound */
    get: `${view('$3')} WHERE s.tenant_id = $1 AND s.id = $2`,

    /** $1 tenant, $2 states, $3 bound, $4 id to begin before or null, $5 limit */
    list: `${view('$3')} WHERE s.tenant_id = $1 AND ${UNWELL} AND ${STATE} = ANY ($2::text[])
      AND ($4::uuid IS NULL OR s.id < $4) ORDER BY s.id DESC LIMIT $5`,

    /** $1 tenant, $2 limit */
    blame: `SELECT h.script_id, s.name, ${BLAME}
      FROM ${health} h JOIN ${scripts} s ON s.id = h.script_id AND s.tenant_id = h.tenant_id
      WHERE h.tenant_id = $1 AND h.blame_total > 0 ORDER BY h.blame_total DESC, h.script_id LIMIT $2`,

    /** $1 tenant, $2 script */
    troubleSince: `SELECT ${isoTime('coalesce(window_started_at, changed_at)')} AS since FROM ${health}
      WHERE tenant_id = $1 AND script_id = $2`,

    countByState: `SELECT ${STATE} AS state, count(*)::int AS count FROM ${scripts} s WHERE ${UNWELL} GROUP BY 1`,

    /**
     * $1 limit, $2 token, $3 lease in ms, $4 tenant to begin after. Tenants take turns. Always returns a row, which
     * says how far it looked.
     */
    claim: `WITH RECURSIVE ${tenantsWith(health, UNTOLD, '$4::text', '$1::int')}, open AS MATERIALIZED (
        SELECT o.script_id, o.place, t.step FROM tenants t CROSS JOIN LATERAL (
          SELECT script_id, row_number() OVER (ORDER BY changed_at) AS place FROM ${health}
           WHERE ${UNTOLD} AND tenant_id = t.tenant_id AND (alert_locked_until IS NULL OR alert_locked_until < now())
           ORDER BY changed_at LIMIT (SELECT each FROM seen)
        ) o
      ), locked AS (
        SELECT h.script_id, o.place, o.step FROM ${health} h JOIN open o ON o.script_id = h.script_id
         WHERE h.changed_to IS NOT NULL AND h.alerted_at IS NULL
           AND (h.alert_locked_until IS NULL OR h.alert_locked_until < now())
         ORDER BY o.place, o.step LIMIT $1::int FOR UPDATE OF h SKIP LOCKED
      ), claimed AS (
        UPDATE ${health} h SET alert_locked_by = $2, alert_locked_until = now() + $3::float8 * interval '1 millisecond'
          FROM locked l WHERE h.script_id = l.script_id RETURNING h.*, l.place, l.step
      ) SELECT seen.tenants, seen.last, c.script_id AS id, ${columns('c')}, c.changes, c.changed_to,
          ${isoTime('c.changed_at')} AS changed_at, c.changed_by, c.change_reason, c.alert_attempts, s.name
        FROM seen LEFT JOIN claimed c ON true
        LEFT JOIN ${scripts} s ON s.id = c.script_id AND s.tenant_id = c.tenant_id
        ORDER BY c.place, c.step`,

    /**
     * $1 script, $2 number of the change, $3 token, $4 history, $5 done, $6 delay in ms. A later change gets an alert
     * of its own.
     */
    settle: `UPDATE ${health} SET
        alerted_at = CASE WHEN $5::boolean THEN now() END,
        alert_attempts = alert_attempts || $4::jsonb,
        alert_locked_by = CASE WHEN $5::boolean THEN NULL ELSE alert_locked_by END,
        alert_locked_until = CASE WHEN $5::boolean THEN NULL ELSE now() + $6::float8 * interval '1 millisecond' END
      WHERE script_id = $1 AND changes = $2 AND alert_locked_by = $3`,
  };
}

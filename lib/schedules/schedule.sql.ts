import { tenantsWith } from '../common/tenant-rotation.js';

/** SQL expression: a time as milliseconds since the epoch. */
const inMs = (expression: string): string => `(extract(epoch FROM ${expression}) * 1000)::numeric`;
/** SQL expression: a time from milliseconds since the epoch. */
const atMs = (expression: string): string => `to_timestamp(${expression} / 1000)`;
const afterMs = (parameter: string): string => `now() + ${parameter}::float8 * interval '1 millisecond'`;

/** The condition of the partial index, with a time that doesn't change within a transaction. */
const DUE = 'due_at <= now()';
const CLOSED = 'open_event = NULL, open_for = NULL, open_until = NULL, open_by = NULL';

/** The statements of the repository, for the quoted name of the table. All of them return rows. */
export function scheduleSql(table: string) {
  /**
   * $1 scripts, $2 events. `owned`: the condition on the owner. Rows are locked in one order, so that two statements
   * that end or renew runs never deadlock.
   */
  const openRuns = (owned: string): string => `open AS MATERIALIZED (
      SELECT c.script_id, c.cron, c.timezone FROM ${table} c
        JOIN unnest($1::uuid[], $2::text[]) AS r (script_id, event_id)
          ON r.script_id = c.script_id AND r.event_id = c.open_event
       WHERE ${owned} ORDER BY c.script_id, c.cron, c.timezone FOR UPDATE OF c
    )`;
  const changeOpen = (set: string, returning = '1 AS one'): string => `changed AS (
      UPDATE ${table} c SET ${set} FROM open o
       WHERE c.script_id = o.script_id AND c.cron = o.cron AND c.timezone = o.timezone RETURNING ${returning}
    )`;
  return {
    untilDue: `SELECT ${inMs('(SELECT min(due_at) FROM ' + table + ') - now()')} AS due_in, ${inMs('now()')} AS now`,

    /**
     * $1 limit, $2 tenant to begin after. Tenants take turns, and at least one row says how far the statement looked.
     * Rows that another process has locked, or has changed since, are left to it.
     */
    claim: `WITH RECURSIVE ${tenantsWith(table, DUE, '$2::text', '$1::int')}, due AS MATERIALIZED (
        SELECT d.*, t.step FROM tenants t CROSS JOIN LATERAL (
          SELECT script_id, cron, timezone, row_number() OVER (ORDER BY due_at) AS place FROM ${table}
           WHERE ${DUE} AND tenant_id = t.tenant_id ORDER BY due_at LIMIT (SELECT each FROM seen)
        ) d
      ), locked AS (
        SELECT c.*, d.place, d.step FROM ${table} c
          JOIN due d ON d.script_id = c.script_id AND d.cron = c.cron AND d.timezone = c.timezone
         WHERE c.${DUE} ORDER BY d.place, d.step LIMIT $1::int FOR UPDATE OF c SKIP LOCKED
      ) SELECT seen.tenants, seen.last, ${inMs('now()')} AS now, l.script_id AS id, l.tenant_id, l.cron, l.timezone,
          l.definition, ${inMs('l.from_at')} AS from_at, ${inMs('l.next_at')} AS next_at,
          ${inMs('l.previous_at')} AS previous_at, l.open_event, ${inMs('l.open_for')} AS open_for,
          ${inMs('l.open_until')} AS open_until, l.open_by
        FROM seen LEFT JOIN locked l ON true ORDER BY l.place, l.step`,

    /** $1 rows as JSON */
    store: `WITH stored AS (
        UPDATE ${table} c SET from_at = coalesce(${atMs('r.from_at')}, now()), next_at = ${atMs('r.next_at')}, due_at = ${atMs('r.due_at')},
          previous_at = ${atMs('r.previous_at')}, open_event = r.open_event, open_for = ${atMs('r.open_for')},
          open_until = ${atMs('r.open_until')}, open_by = r.open_by
        FROM json_to_recordset($1::json) AS r (script_id uuid, cron text, timezone text, from_at float8, next_at float8, due_at float8,
          previous_at float8, open_event text, open_for float8, open_until float8, open_by text)
        WHERE c.script_id = r.script_id AND c.cron = r.cron AND c.timezone = r.timezone RETURNING 1
      ) SELECT count(*)::int AS count FROM stored`,

    /** $1 scripts, $2 expressions, $3 time zones, $4 delay in ms */
    postpone: `UPDATE ${table} c SET due_at = ${afterMs('$4')}
      FROM unnest($1::uuid[], $2::text[], $3::text[]) AS r (script_id, cron, timezone)
      WHERE c.script_id = r.script_id AND c.cron = r.cron AND c.timezone = r.timezone AND c.due_at IS NOT NULL`,

    /** $1 scripts, $2 events, $3 owner. A time that waited for the end is due immediately. */
    ended: `WITH ${openRuns('(c.open_by IS NULL OR c.open_by = $3::text)')}, ${changeOpen(
      `previous_at = c.open_for, ${CLOSED}, due_at = CASE WHEN c.due_at IS NOT NULL THEN coalesce(c.next_at, c.due_at) END`,
      'c.due_at <= now() AS waited',
    )} SELECT coalesce(bool_or(waited), false) AS waited FROM changed`,

    /**
     * $1 scripts, $2 events, $3 owner, $4 lease in ms, $5 expressions, $6 time zones. A look that was due at the end
     * of the lease moves with it. Returns the events of existing schedules that now have another run or none.
     */
    renew: `WITH ${openRuns('c.open_by = $3::text')}, ${changeOpen(
      `open_until = ${afterMs('$4')}, due_at = CASE
        WHEN c.due_at <> c.open_until THEN c.due_at
        WHEN c.due_at IS NULL THEN NULL
        WHEN c.next_at > now() THEN least(c.next_at, ${afterMs('$4')})
        ELSE ${afterMs('$4')} END`,
      'c.open_event',
    )} SELECT r.event_id AS id FROM unnest($1::uuid[], $2::text[], $5::text[], $6::text[]) AS r (script_id, event_id, cron, timezone)
        JOIN ${table} c ON c.script_id = r.script_id AND c.cron = r.cron AND c.timezone = r.timezone
       WHERE r.event_id NOT IN (SELECT open_event FROM changed)`,

    /**
     * $1 scripts, $2 events, $3 owner, $4 delay in ms. Later times are computed from the one that is put back,
     * because it has been looked at.
     */
    putBack: `WITH ${openRuns('c.open_by = $3::text')}, ${changeOpen(
      `next_at = c.open_for, from_at = c.open_for, ${CLOSED}, due_at = CASE WHEN c.due_at IS NOT NULL THEN ${afterMs('$4')} END`,
    )} SELECT count(*)::int AS count FROM changed`,

    /** $1 tolerance in ms */
    mend: `WITH mended AS (
        UPDATE ${table} SET from_at = now(), next_at = NULL, due_at = now()
         WHERE due_at IS NOT NULL AND from_at > ${afterMs('$1')} RETURNING 1
      ) SELECT count(*)::int AS count FROM mended`,

    /** $1 tenant, $2 script */
    states: `SELECT cron, timezone, ${inMs('next_at')} AS next_at, ${inMs('from_at')} AS from_at, due_at IS NULL AS standing,
        ${inMs('greatest(previous_at, open_for)')} AS last_at, open_event
      FROM ${table} WHERE tenant_id = $1 AND script_id = $2`,
  };
}

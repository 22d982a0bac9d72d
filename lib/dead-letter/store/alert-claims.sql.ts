import { tenantsWith } from '../../common/tenant-rotation.js';

/** How many scripts of one tenant a claim looks at. */
const SCRIPT_WINDOW = 100;
/** How many dead letters one alert reports at most. One statement writes to each of them. */
const LARGEST_GROUP = 10_000;

const OPEN = `status = 'exhausted' AND alerted_at IS NULL`;

/**
 * $1 limit, $2 token, $3 lease in ms, $4 tenant to begin after, $5 ms between two alerts of a script. Returns at least
 * one row, which says how far it looked.
 *
 * The oldest dead letter of a script stands for all of the script's dead letters that wait with it. When it is claimed
 * first, these are marked as reported and counted in it, so that the group stays the same through every later attempt.
 * A dead letter that already stands for a group is left out: an older one may become exhausted while that alert is in
 * progress. A dead letter that arrived within the interval after an alert of its script waits for the end of the
 * interval.
 *
 * `head` is materialized, so that it is computed once. Without statistics of the table, as after a first flood of
 * failures, the planner would compute it for each row (15 s for 100 tenants instead of 0.1).
 */
export const claimAlertsSql = (
  table: string,
  scripts: string,
): string => `WITH RECURSIVE ${tenantsWith(table, OPEN, '$4::text', '$1::int')}, head AS MATERIALIZED (
    SELECT t.tenant_id, t.step, h.id, h.place FROM tenants t CROSS JOIN LATERAL (
      WITH RECURSIVE walk AS (
        (SELECT script_id, 1 AS step FROM ${table}
          WHERE ${OPEN} AND tenant_id = t.tenant_id ORDER BY script_id LIMIT 1)
        UNION ALL
        SELECT n.script_id, w.step + 1 FROM walk w CROSS JOIN LATERAL (
          SELECT script_id FROM ${table}
           WHERE ${OPEN} AND tenant_id = t.tenant_id AND script_id > w.script_id ORDER BY script_id LIMIT 1
        ) n WHERE w.step < ${SCRIPT_WINDOW}
      )
      SELECT f.id, row_number() OVER (ORDER BY f.id) AS place FROM walk CROSS JOIN LATERAL (
        SELECT id, locked_until, alert_count FROM ${table}
         WHERE ${OPEN} AND tenant_id = t.tenant_id AND script_id = walk.script_id ORDER BY id LIMIT 1
      ) f
      WHERE (f.locked_until IS NULL OR f.locked_until < now())
        AND (f.alert_count IS NOT NULL OR NOT EXISTS (
          SELECT FROM ${table} a WHERE a.script_id = walk.script_id
             AND a.alerted_at > now() - $5::float8 * interval '1 millisecond'))
      ORDER BY f.id LIMIT (SELECT each FROM seen)
    ) h
  ), locked AS (
    SELECT d.*, h.place, h.step FROM (SELECT id, place, step FROM head ORDER BY place, step) h CROSS JOIN LATERAL (
      SELECT id, tenant_id, script_id, alert_count FROM ${table}
       WHERE id = h.id AND status = 'exhausted' AND alerted_at IS NULL AND (locked_until IS NULL OR locked_until < now())
         FOR UPDATE SKIP LOCKED
    ) d LIMIT $1::int
  ), others AS (
    SELECT o.id, l.id AS head FROM locked l CROSS JOIN LATERAL (
      SELECT id FROM ${table}
       WHERE ${OPEN} AND tenant_id = l.tenant_id AND script_id = l.script_id AND id > l.id
         AND alert_count IS NULL AND l.alert_count IS NULL
       ORDER BY id LIMIT ${LARGEST_GROUP - 1} FOR UPDATE SKIP LOCKED
    ) o
  ), told AS (
    UPDATE ${table} d SET alerted_at = now(), locked_by = NULL, locked_until = NULL
      FROM others o WHERE d.id = o.id RETURNING o.head
  ), claimed AS (
    UPDATE ${table} d SET locked_by = $2, locked_until = now() + $3::float8 * interval '1 millisecond',
        alert_count = coalesce(d.alert_count, 1 + (SELECT count(*)::int FROM told WHERE told.head = d.id))
      FROM locked l WHERE d.id = l.id
    RETURNING d.id, d.script_id, d.tenant_id, l.place, l.step
  ) SELECT seen.tenants, seen.last, c.id, c.tenant_id, s.name AS script_name
      FROM seen LEFT JOIN claimed c ON true LEFT JOIN ${scripts} s ON s.id = c.script_id AND s.tenant_id = c.tenant_id
     ORDER BY c.place, c.step`;

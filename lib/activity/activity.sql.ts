import { ALIKE } from '../execution/alike.js';

/** How many of the newest failures are grouped. */
export const MOST_FAILURES = 5_000;
export const MOST_GROUPS = 200;
/** A tenant's dead letters and failures are counted up to this number. */
export const MOST_COUNTED = 1_000;
/** Most tenants that are searched for trouble. */
const MOST_TENANTS = 10_000;

/** The statements of the repository, as text. */
export type ActivitySql = ReturnType<typeof activitySql>;

interface ActivityTables {
  executions: string;
  deadLetters: string;
  scripts: string;
  statistics: string;
  isoTime: (column: string) => string;
}

export function activitySql({ executions, deadLetters, scripts, statistics, isoTime }: ActivityTables) {
  return {
    /** $1 tenant, $2 first id, $3 script if it is for one. Reads the messages only of the groups that it returns. */
    failures: (ofScript: boolean): string => `WITH failed AS MATERIALIZED (
        SELECT id, script_version, started_at, ${ALIKE.join(', ')} FROM ${executions}
         WHERE tenant_id = $1 AND status = 'failed' AND id >= $2::uuid AND trigger <> 'test'
           ${ofScript ? 'AND script_id = $3::uuid' : ''}
         ORDER BY id DESC LIMIT ${MOST_FAILURES}
      ), alike AS (
        SELECT script_id, error_kind, error_line, count(*)::int AS count, min(started_at) AS first_at, max(started_at) AS last_at,
          min(script_version) AS first_version, max(script_version) AS last_version, (max(id::text COLLATE "C"))::uuid AS id,
          (SELECT count(*)::int FROM failed) AS seen
         FROM failed GROUP BY ${ALIKE.join(', ')}
        ORDER BY count(*) DESC, max(started_at) DESC, script_id LIMIT ${MOST_GROUPS + 1}
      )
      SELECT a.script_id AS "scriptId", a.error_kind AS kind, a.error_line AS line, coalesce(e.error_message, '') AS message, count,
        ${isoTime('first_at')} AS "firstAt", ${isoTime('last_at')} AS "lastAt", first_version AS "firstVersion",
        last_version AS "lastVersion", a.id AS "executionId", seen
       FROM alike a JOIN ${executions} e ON e.tenant_id = $1 AND e.id = a.id
      ORDER BY count DESC, last_at DESC, a.script_id, a.id`,

    /** $1 tenant, $2 first moment, $3 hours of a bucket, $4 script, when it is for one */
    statistics: (ofScript: boolean): string => `WITH counted AS (
        SELECT date_bin(make_interval(hours => $3::int), hour, timestamptz '2000-01-01 00:00:00+00') AS at,
          sum(completed)::int AS completed, sum(failed)::int AS failed, sum(completed + failed) AS ended,
          sum(duration_ms) AS duration, sum(queue_ms) AS queue
         FROM ${statistics}
        WHERE tenant_id = $1 AND hour = ANY (ARRAY (
            SELECT generate_series(date_trunc('hour', $2::timestamptz, 'UTC'), now() + interval '1 hour', interval '1 hour')))
          ${ofScript ? 'AND script_id = $4::uuid' : ''}
        GROUP BY 1
      )
      SELECT ${isoTime('c.at')} AS at, completed, failed, round((duration / ended::float8)::numeric, 3) AS "meanDurationMs",
        round((queue / ended::float8)::numeric, 3) AS "meanQueueMs" FROM counted c ORDER BY c.at`,

    /**
     * $1 tenants, $2 part of the id, $3 and $4 last tenant of the previous page, $5 bound of counts, $6 first id of a
     * day. For each tenant it takes one step through the index and two looks for trouble; it counts only for the
     * tenants of the page.
     */
    tenants: `WITH RECURSIVE named AS (
        (SELECT tenant_id, 1 AS n FROM ${scripts} ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT s.tenant_id FROM ${scripts} s WHERE s.tenant_id > named.tenant_id ORDER BY s.tenant_id LIMIT 1), n + 1
          FROM named WHERE named.tenant_id IS NOT NULL AND n < ${MOST_TENANTS}
      ), judged AS (
        SELECT tenant_id, (
            EXISTS (SELECT FROM ${scripts} s WHERE s.tenant_id = named.tenant_id AND (s.status = 'disabled' OR s.degraded))
            OR EXISTS (SELECT FROM ${deadLetters} d WHERE d.tenant_id = named.tenant_id AND d.status = 'exhausted')
          ) AS trouble
          FROM named WHERE tenant_id IS NOT NULL AND ($2::text IS NULL OR strpos(tenant_id, $2) > 0)
      ), page AS (
        SELECT * FROM judged
         WHERE $3::boolean IS NULL OR (NOT trouble AND $3::boolean) OR (trouble = $3::boolean AND tenant_id > $4::text)
         ORDER BY trouble DESC, tenant_id LIMIT $1::int
      )
      SELECT tenant_id AS "tenantId", trouble,
        (SELECT count(*)::int FROM ${scripts} s WHERE s.tenant_id = page.tenant_id AND s.status = 'active') AS "activeScripts",
        (SELECT count(*)::int FROM ${scripts} s
          WHERE s.tenant_id = page.tenant_id AND (s.status = 'disabled' OR s.degraded)) AS "unwellScripts",
        (SELECT count(*)::int FROM (SELECT FROM ${deadLetters} d
          WHERE d.tenant_id = page.tenant_id AND d.status = 'exhausted' LIMIT $5::int) c) AS exhausted,
        (SELECT count(*)::int FROM (SELECT FROM ${executions} e
          WHERE e.tenant_id = page.tenant_id AND e.status = 'failed' AND e.id >= $6::uuid LIMIT $5::int) c) AS "failedToday"
       FROM page ORDER BY trouble DESC, tenant_id`,
  };
}

/** Failures that are grouped, the newest. */
export const MOST_FAILURES = 5_000;
export const MOST_GROUPS = 200;
/** Executions that statistics count, the newest. */
export const MOST_EXECUTIONS = 200_000;
/** Dead letters and failures of a tenant that are counted. */
export const MOST_COUNTED = 1_000;
/** Tenants among which those in trouble are found. */
const MOST_TENANTS = 10_000;

/** The statements of the activity. Pure text. */
export type ActivitySql = ReturnType<typeof activitySql>;

interface ActivityTables {
  executions: string;
  deadLetters: string;
  scripts: string;
  isoTime: (column: string) => string;
}

/** What numbers, hexadecimal ones and UUIDs in a message become: the rest tells which failures are alike. */
const ALIKE = `regexp_replace(regexp_replace(left(error_message, 300),
  '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|0x[0-9a-f]+|\\m[0-9a-f]*[0-9][0-9a-f]{7,}\\M', '#', 'gi'),
  '[0-9]+', '#', 'g')`;

export function activitySql({ executions, deadLetters, scripts, isoTime }: ActivityTables) {
  return {
    /** $1 tenant, $2 first id, $3 script, when it is for one */
    failures: (ofScript: boolean): string => `WITH failed AS MATERIALIZED (
        SELECT id, script_id, script_version, error_kind, error_line, error_message, started_at FROM ${executions}
         WHERE tenant_id = $1 AND status = 'failed' AND id >= $2::uuid AND trigger <> 'test'
           ${ofScript ? 'AND script_id = $3::uuid' : ''}
         ORDER BY id DESC LIMIT ${MOST_FAILURES}
      ), alike AS (
        SELECT *, coalesce(${ALIKE}, '') AS message FROM failed
      )
      SELECT script_id AS "scriptId", error_kind AS kind, error_line AS line, message, count(*)::int AS count,
        ${isoTime('min(started_at)')} AS "firstAt", ${isoTime('max(started_at)')} AS "lastAt",
        min(script_version) AS "firstVersion", max(script_version) AS "lastVersion",
        (max(id::text))::uuid AS "executionId", (SELECT count(*)::int FROM failed) AS seen
       FROM alike GROUP BY script_id, error_kind, error_line, message
      ORDER BY count(*) DESC, max(started_at) DESC, script_id, message LIMIT ${MOST_GROUPS + 1}`,

    /** $1 tenant, $2 first id, $3 minutes of a bucket, $4 script, when it is for one */
    statistics: (ofScript: boolean): string => `WITH ran AS (
        SELECT started_at, status, duration_ms, queue_ms, trigger FROM ${executions}
         WHERE tenant_id = $1 AND id >= $2::uuid ${ofScript ? 'AND script_id = $4::uuid' : ''}
         ORDER BY id DESC LIMIT ${MOST_EXECUTIONS}
      ), buckets AS (
        SELECT date_bin(make_interval(mins => $3::int), started_at, timestamptz '2000-01-01 00:00:00+00') AS at,
          count(*) FILTER (WHERE status = 'completed' AND trigger <> 'test') AS completed,
          count(*) FILTER (WHERE status = 'failed' AND trigger <> 'test') AS failed,
          avg(duration_ms) FILTER (WHERE trigger <> 'test') AS duration, avg(queue_ms) FILTER (WHERE trigger <> 'test') AS queue,
          count(*) AS seen
         FROM ran GROUP BY 1
      )
      SELECT ${isoTime('b.at')} AS at, completed::int, failed::int, coalesce(round(duration::numeric, 3), 0) AS "meanDurationMs",
        coalesce(round(queue::numeric, 3), 0) AS "meanQueueMs", seen::int FROM buckets b ORDER BY b.at`,

    /**
     * $1 tenants, $2 part of the id, $3 and $4 the last one of the page before, $5 bound of counts, $6 first id of a day
     *
     * One step through the index for each tenant, two looks for whether it is in trouble, and counts for the page alone.
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

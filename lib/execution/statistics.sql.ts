/** How many executions of each script began in each hour, of the last days. Has no entity. */
export const STATISTICS_TABLE = 'script_statistics';

/** Writers of all nodes share so many rows of an hour, so that hardly two of them wait for each other. */
const WRITERS = 16;

/** The number by which a writer counts. */
export const anyWriter = (): number => Math.floor(Math.random() * WRITERS);

/** What an insert of executions returns for {@link countingInsert}. */
const COUNTED = 'tenant_id, script_id, status, trigger, duration_ms, queue_ms, started_at';

/**
 * An insert of executions that counts those which it has stored, and no other, in the same statement. The rows of an hour are
 * taken in one order, so that two batches wait for each other and are never in each other's way.
 *
 * Returns how many it has stored, as `stored`.
 *
 * @param writer a number of {@link anyWriter}
 */
export const countingInsert = (insert: string, statistics: string, writer: number): string => `
  WITH stored AS (${insert} RETURNING ${COUNTED}), counted AS (
    INSERT INTO ${statistics} AS s (hour, tenant_id, script_id, writer, completed, failed, duration_ms, queue_ms)
    SELECT date_trunc('hour', started_at, 'UTC'), tenant_id, script_id, ${writer},
      count(*) FILTER (WHERE status = 'completed'), count(*) FILTER (WHERE status = 'failed'), sum(duration_ms), sum(queue_ms)
      FROM stored WHERE trigger <> 'test' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (hour, tenant_id, script_id, writer) DO UPDATE SET completed = s.completed + excluded.completed,
      failed = s.failed + excluded.failed, duration_ms = s.duration_ms + excluded.duration_ms, queue_ms = s.queue_ms + excluded.queue_ms
  ) SELECT count(*)::integer AS stored FROM stored`;

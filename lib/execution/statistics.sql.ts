/** A table without an entity: how many executions of each script began in each hour of the last days. */
export const STATISTICS_TABLE = 'script_statistics';

/**
 * How many rows the writers of all nodes share for one hour. With this many, two writers hardly ever wait for each
 * other.
 */
const WRITERS = 16;

/** Picks the number of a row for a writer. */
export const anyWriter = (): number => Math.floor(Math.random() * WRITERS);

/** The columns that an insert of executions must return for {@link countingInsert}. */
const COUNTED = 'tenant_id, script_id, status, trigger, duration_ms, queue_ms, started_at';

/**
 * Wraps an insert of executions so that the same statement also counts the stored ones. Rows are locked in one order,
 * so that two batches never deadlock.
 *
 * Returns the number of stored executions as `stored`.
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

/** How many keys one look goes through. The next look continues after them. */
export const HEADS_WINDOW = 500;
/** After this time without a job that asks for its turn, a head gets a new one. */
const STALE_AFTER = `interval '30 seconds'`;

/**
 * IDs of the waiting heads of these keys: one step in the index for each key, however many events wait behind it.
 *
 * @param ordered the table, quoted
 * @param scripts parameter with a list of scripts
 * @param keys parameter with their keys
 */
export const headsSql = (ordered: string, scripts: string, keys: string): string =>
  `SELECT h.id FROM unnest(${scripts}::text[], ${keys}::text[]) AS k (script_id, order_key) CROSS JOIN LATERAL (
    SELECT id, state FROM ${ordered} AS o WHERE o.script_id = k.script_id AND o.order_key = k.order_key
      ORDER BY o.script_id, o.order_key, o.id LIMIT 1) AS h WHERE h.state = 'waiting'`;

/**
 * The keys after $1 script and $2 key, up to {@link HEADS_WINDOW}, each with whether its head has been without a job
 * for long. The query jumps from one key to the next in the index (https://wiki.postgresql.org/wiki/Loose_indexscan).
 *
 * @param ordered the table, quoted
 */
export const staleHeadsSql = (ordered: string): string => `WITH RECURSIVE heads AS (
    (${nextHead(ordered, '$1', '$2', '1')})
    UNION ALL
    SELECT n.* FROM heads AS h CROSS JOIN LATERAL (${nextHead(ordered, 'h.script_id', 'h.order_key', 'h.step + 1')}) AS n
      WHERE h.step < ${HEADS_WINDOW}
  ) SELECT script_id AS script, order_key AS key, state = 'waiting' AND nudged_at < now() - ${STALE_AFTER} AS stale
    FROM heads ORDER BY step`;

const nextHead = (ordered: string, script: string, key: string, step: string): string =>
  `SELECT script_id, order_key, state, nudged_at, ${step} AS step FROM ${ordered} AS o
    WHERE (o.script_id, o.order_key) > (${script}, ${key}) ORDER BY o.script_id, o.order_key, o.id LIMIT 1`;

/**
 * SQL for replaying and discarding dead letters of which one may stand for several scripts (reason `undecided`): parts
 * over the chosen rows.
 */

/**
 * Columns that a part copies from the whole. `created_at` is one of them: the part is as old, and its `id` begins with
 * that time.
 */
const SAME = [
  'tenant_id',
  'script_version',
  'event_id',
  'event_type',
  'event_data',
  'occurred_at',
  'actor_id',
  'cause',
  'trace',
  'reason',
  'error',
  'error_kind',
  'error_line',
  'error_alike',
  'retry_count',
  'alerted_at',
  'created_at',
] as const;

/**
 * CTE `chosen`: up to `limit` rows that fulfil `condition` over `d`, oldest first, locked. Their columns are read after
 * the lock, so scripts that somebody else has split off in the meantime are no longer in the list.
 *
 * @param dealtOut counts each script of a row towards the limit, because each becomes a row; the first row is taken in
 * any case
 */
export function chosenSql(table: string, condition: string, limit: string, dealtOut: boolean): string {
  const found = `SELECT d.* FROM ${table} d WHERE ${condition} ORDER BY d.id LIMIT ${limit}::int FOR UPDATE OF d`;
  if (!dealtOut) return `chosen AS MATERIALIZED (${found})`;
  return `found AS MATERIALIZED (${found}), counted AS (
      SELECT id, sum(1 + coalesce(cardinality(other_script_ids), 0)) OVER (ORDER BY id)
          - coalesce(cardinality(other_script_ids), 0) AS upto FROM found
    ), chosen AS MATERIALIZED (
      SELECT f.* FROM found f JOIN counted c ON c.id = f.id WHERE c.upto <= ${limit}::int
    )`;
}

/**
 * Statement that makes a row of its own, with `state`, for scripts of chosen rows that stand for several: for `script`,
 * or for each one that exists except the first, whose row remains.
 *
 * @param state column → SQL expression over `d`
 */
export function partSql(
  table: string,
  scripts: string,
  state: Readonly<Record<string, string>>,
  script: string | undefined,
): string {
  const columns = [...SAME, ...Object.keys(state)];
  const values = [...SAME.map((column) => `d.${column}`), ...Object.values(state)];
  const source =
    script === undefined
      ? `chosen d CROSS JOIN LATERAL unnest(d.other_script_ids) AS o (script_id)
          JOIN ${scripts} s ON s.id = o.script_id AND s.tenant_id = d.tenant_id`
      : `chosen d CROSS JOIN (SELECT ${script}::uuid AS script_id) o`;
  return `INSERT INTO ${table} (id, script_id, ${columns.join(', ')})
    SELECT (left(d.id::text, 15) || substr(gen_random_uuid()::text, 16))::uuid, o.script_id, ${values.join(', ')}
      FROM ${source} WHERE d.other_script_ids IS NOT NULL`;
}

/** Statement that removes `script` from the chosen rows that stand for several. Changes nothing without a script. */
export function shrunkSql(table: string, script: string | undefined): string {
  if (script === undefined) return `SELECT id FROM ${table} WHERE false`;
  const rest = `array_remove(c.script_id || c.other_script_ids, ${script}::uuid)`;
  return `UPDATE ${table} d SET script_id = (${rest})[1], other_script_ids = nullif((${rest})[2:], '{}'),
      event_count = cardinality(${rest}), updated_at = now()
    FROM chosen c WHERE d.id = c.id AND c.other_script_ids IS NOT NULL RETURNING d.id`;
}

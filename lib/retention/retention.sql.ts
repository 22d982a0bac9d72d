import { isoTime } from '../common/sql-types.js';
import type { RetainedKind } from './retained-rows.js';

/** Paths of the tables, quoted. */
export interface RetentionTables {
  executions: string;
  deadLetters: string;
}

/** First half of the advisory lock's key, by which it is told from those of others: any number would do. */
const LOCK_SPACE = 0x5c71;

/** How a kind of row is found. The condition and the order are those of the table's retention index. */
interface Target {
  table: string;
  status: string;
  /** When the row came to be as it is. */
  age: string;
  /** What else must hold. */
  also?: string;
}

/**
 * The statement that deletes a batch: $1 age in ms, $2 limit, $3 where the batch before ended or null.
 *
 * The lock belongs to the transaction, which is the statement: nothing is left of it when the process dies, and it works
 * behind a pooler that gives each transaction another connection. Who does not get it reads nothing.
 *
 * Rows are chosen through the index on status and age, oldest first, and deleted by key: the cost is that of the batch,
 * however large the table is.
 */
export function deleteBatchSql(kind: RetainedKind, tables: RetentionTables): string {
  const { table, status, age, also = 'true' } = targetOf(kind, tables);
  const regclass = `'${tables.executions.replaceAll("'", "''")}'::regclass`;
  return `WITH turn AS MATERIALIZED (
      SELECT pg_try_advisory_xact_lock((${LOCK_SPACE}::bigint << 32) | ${regclass}::oid::bigint) AS mine
    ), old AS MATERIALIZED (
      SELECT id, ${age} AS age FROM ${table}
       WHERE (SELECT mine FROM turn) AND status = '${status}' AND ${also}
         AND ${age} < now() - $1::float8 * interval '1 millisecond'
         AND ${age} >= coalesce($3::timestamptz, '-infinity')
       ORDER BY ${age} LIMIT $2::int FOR UPDATE SKIP LOCKED
    ), deleted AS (
      DELETE FROM ${table} WHERE id = ANY (ARRAY (SELECT id FROM old)) AND status = '${status}' RETURNING id
    ) SELECT (SELECT mine FROM turn) AS mine, (SELECT count(*)::int FROM deleted) AS deleted,
             (SELECT ${isoTime('max(age)')} FROM old) AS reached`;
}

function targetOf(kind: RetainedKind, { executions, deadLetters }: RetentionTables): Target {
  switch (kind) {
    case 'completedExecutions':
      return { table: executions, status: 'completed', age: 'finished_at' };
    case 'failedExecutions':
      return { table: executions, status: 'failed', age: 'finished_at' };
    case 'resolvedDeadLetters':
      return { table: deadLetters, status: 'resolved', age: 'updated_at' };
    case 'discardedDeadLetters':
      return { table: deadLetters, status: 'discarded', age: 'updated_at' };
    case 'exhaustedDeadLetters':
      // A dead letter that nobody was alerted of must not be deleted.
      return { table: deadLetters, status: 'exhausted', age: 'updated_at', also: 'alerted_at IS NOT NULL' };
    default: {
      const rest: never = kind;
      return rest;
    }
  }
}

/**
 * $1 names, $2 paths. A table that was never analysed has no estimate of its own yet: the statistics of changes are the
 * next best.
 */
export const TABLE_SIZES_SQL = `
  SELECT t.name AS "table", pg_total_relation_size(c.oid)::numeric AS bytes,
    (CASE WHEN c.reltuples < 0 THEN pg_stat_get_live_tuples(c.oid)::numeric ELSE c.reltuples::numeric END) AS rows
  FROM unnest($1::text[], $2::text[]) AS t (name, path) JOIN pg_class c ON c.oid = to_regclass(t.path)`;

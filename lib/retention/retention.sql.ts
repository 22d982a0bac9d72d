import { isoTime } from '../common/sql-types.js';
import type { RetainedKind } from './retained-rows.js';

/** Quoted names of the tables, with their schema. */
export interface RetentionTables {
  executions: string;
  deadLetters: string;
  statistics: string;
  store: string;
  storeUsage: string;
}

/** First half of the advisory lock's key, which tells this package's locks from others. Any number would do. */
const LOCK_SPACE = 0x5c71;

/** How rows of one kind are found. Condition and order are those of the table's index for retention. */
interface Target {
  table: string;
  /** SQL: the time from which the row's age counts. */
  age: string;
  /** SQL condition: which rows of the table; absent for all. */
  which?: string;
}

/**
 * The statement that deletes a batch: $1 age in ms, $2 limit, $3 end of the previous batch or null.
 *
 * The advisory lock belongs to the transaction, which is this one statement. So the lock ends if the process dies, and
 * works behind a pooler that gives each transaction another connection. A process that doesn't get the lock reads
 * nothing.
 *
 * Rows are found through the index on their age, oldest first, and deleted by `ctid`, which stays the same while they
 * are locked. The cost depends on the batch, not on the table.
 */
export function deleteBatchSql(kind: RetainedKind, tables: RetentionTables): string {
  if (kind === 'expiredKeys') return deleteExpiredSql(tables);
  const { table, age, which = 'true' } = targetOf(kind, tables);
  return `WITH ${turnOf(tables)}, old AS MATERIALIZED (
      SELECT ctid AS place, ${age} AS age FROM ${table}
       WHERE (SELECT mine FROM turn) AND ${which}
         AND ${age} < now() - $1::float8 * interval '1 millisecond'
         AND ${age} >= coalesce($3::timestamptz, '-infinity')
       ORDER BY ${age} LIMIT $2::int FOR UPDATE SKIP LOCKED
    ), deleted AS (
      DELETE FROM ${table} WHERE ctid = ANY (ARRAY (SELECT place FROM old)) AND ${which} RETURNING 1
    ) SELECT (SELECT mine FROM turn) AS mine, (SELECT count(*)::int FROM deleted) AS deleted,
             (SELECT ${isoTime('max(age)')} FROM old) AS reached`;
}

const turnOf = ({ executions }: RetentionTables): string => `turn AS MATERIALIZED (
      SELECT pg_try_advisory_xact_lock((${LOCK_SPACE}::bigint << 32)
        | '${executions.replaceAll("'", "''")}'::regclass::oid::bigint) AS mine
    )`;

/**
 * The same for expired keys of stores, whose tenants' usage changes with them. The usage is locked first, as for every
 * change of a store. A tenant whose usage is locked is left for a later batch.
 */
const deleteExpiredSql = (tables: RetentionTables): string => {
  const { store, storeUsage } = tables;
  return `WITH ${turnOf(tables)}, old AS MATERIALIZED (
      SELECT ctid AS place, tenant_id FROM ${store}
       WHERE (SELECT mine FROM turn) AND expires_at < now() - $1::float8 * interval '1 millisecond'
         AND expires_at >= coalesce($3::timestamptz, '-infinity')
       ORDER BY expires_at LIMIT $2::int
    ), locked AS MATERIALIZED (
      SELECT tenant_id FROM ${storeUsage} WHERE tenant_id IN (SELECT tenant_id FROM old)
       ORDER BY tenant_id FOR UPDATE SKIP LOCKED
    ), deleted AS (
      DELETE FROM ${store}
       WHERE ctid = ANY (ARRAY (SELECT place FROM old JOIN locked USING (tenant_id))) AND expires_at < now()
       RETURNING tenant_id, bytes
    ), freed AS (
      UPDATE ${storeUsage} u SET keys = u.keys - d.keys, bytes = u.bytes - d.bytes
       FROM (SELECT tenant_id, count(*) AS keys, sum(bytes) AS bytes FROM deleted GROUP BY tenant_id) AS d
       WHERE u.tenant_id = d.tenant_id
    ) SELECT (SELECT mine FROM turn) AS mine, (SELECT count(*)::int FROM deleted) AS deleted, NULL AS reached`;
};

function targetOf(
  kind: Exclude<RetainedKind, 'expiredKeys'>,
  { executions, deadLetters, statistics }: RetentionTables,
): Target {
  switch (kind) {
    case 'completedExecutions':
      return { table: executions, age: 'finished_at', which: "status = 'completed'" };
    case 'failedExecutions':
      return { table: executions, age: 'finished_at', which: "status = 'failed'" };
    case 'resolvedDeadLetters':
      return { table: deadLetters, age: 'updated_at', which: "status = 'resolved'" };
    case 'discardedDeadLetters':
      return { table: deadLetters, age: 'updated_at', which: "status = 'discarded'" };
    case 'exhaustedDeadLetters':
      // A dead letter whose alert is still to be sent must not be deleted.
      return {
        table: deadLetters,
        age: 'updated_at',
        which: "status = 'exhausted' AND alerted_at IS NOT NULL",
      };
    case 'statistics':
      return { table: statistics, age: 'hour' };
    default: {
      const rest: never = kind;
      return rest;
    }
  }
}

/** $1 names, $2 paths. A table that was never analysed has no estimate yet; the activity statistics replace it. */
export const TABLE_SIZES_SQL = `
  SELECT t.name AS "table", pg_total_relation_size(c.oid)::numeric AS bytes,
    (CASE WHEN c.reltuples < 0 THEN pg_stat_get_live_tuples(c.oid)::numeric ELSE c.reltuples::numeric END) AS rows
  FROM unnest($1::text[], $2::text[]) AS t (name, path) JOIN pg_class c ON c.oid = to_regclass(t.path)`;

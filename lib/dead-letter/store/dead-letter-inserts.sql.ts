import { type InsertMore, insertLists, type SqlRow } from '../../common/sql.js';
import { inMs, withItem } from './sql-parts.js';

const COLUMNS = {
  id: 'uuid',
  tenant_id: 'text',
  script_id: 'uuid',
  script_version: 'integer',
  event_id: 'text',
  event_type: 'text',
  event_data: 'jsonb',
  occurred_at: 'timestamptz',
  actor_id: 'text',
  cause: 'jsonb',
  trace: 'jsonb',
  reason: 'text',
  error: 'text',
  error_kind: 'text',
  error_line: 'integer',
  error_alike: 'bigint',
  status: 'text',
  max_retries: 'integer',
  attempts: 'jsonb',
  note: 'text',
  event_count: 'integer',
  loop_root: 'text',
  other_script_ids: 'uuid[]',
};

const MORE: InsertMore = {
  inputs: { delay_ms: 'float8' },
  values: {
    next_retry_at: `CASE WHEN r.status = 'pending' THEN ${inMs('r.delay_ms')} END`,
    resolved_at: `CASE WHEN r.status = 'discarded' THEN now() END`,
    resolved_by: `CASE WHEN r.status = 'discarded' THEN 'scripts-event' END`,
  },
};

/** Inserts dead letters. */
export const insertLetters = (table: string, rows: readonly SqlRow[]) =>
  insertLists(table, COLUMNS, rows, MORE);

/**
 * Inserts dead letters of loops, at most one for each loop. A row that already exists counts the events stopped since,
 * and its history notes the id of the write. So the same write, repeated after a lost answer or from a spill file, adds
 * nothing.
 */
export const insertLoops = (table: string, rows: readonly SqlRow[]) =>
  insertLists(table, COLUMNS, rows, {
    ...MORE,
    conflict: `WHERE NOT EXISTS (SELECT FROM ${table} o WHERE o.id = r.id AND o.reason <> 'loop')
       ON CONFLICT (tenant_id, script_id, loop_root) WHERE reason = 'loop' AND loop_root IS NOT NULL DO UPDATE
       SET event_count = least(d.event_count::bigint + excluded.event_count, 2147483647)::int, updated_at = now(),
         attempts = ${withItem(`jsonb_build_object('kind', 'stopped', 'trigger', 'event', 'durationMs', 0, 'letter', excluded.id,
           'message', 'The loop guard stopped ' || excluded.event_count || ' more.')`)}
       WHERE d.id <> excluded.id
         AND NOT d.attempts @> jsonb_build_array(jsonb_build_object('letter', excluded.id))`,
  });

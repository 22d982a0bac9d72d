import { isoTime } from '../../common/sql-types.js';
import type { DeadLetterStatus } from '../../entities/index.js';
import { nextToken } from '../../entities/fence-sequence.js';
import { claimAlertsSql } from './alert-claims.sql.js';
import { alertHistory, inMs, UNLOCKED, withItem } from './sql-parts.js';
import { chosenSql, partSql, shrunkSql } from './letters-of-many.sql.js';
import { BEGINNING } from './script-rotation.js';

/** Paths of the tables and of the sequence of fencing tokens, quoted. */
export interface DeadLetterTables {
  deadLetters: string;
  scripts: string;
  fence: string;
}

/** How many scripts with pending dead letters one claim looks at. The next claim continues after them. */
export const SCRIPT_WINDOW = 100;
/** How many scripts with pending dead letters the metrics look at. */
const MEASURED_SCRIPTS = 10_000;
/** Statuses of dead letters that are counted exactly. They are few, compared with those kept as history. */
const OPEN: readonly DeadLetterStatus[] = ['pending', 'retrying', 'exhausted'];
const CLOSED: readonly DeadLetterStatus[] = ['resolved', 'discarded'];
/** Most dead letters of a closed status that the metrics count, and that a tenant's statistics count. */
const MOST_CLOSED_COUNTED = 10_000;
/** How many scripts one search for dead letters of deleted scripts looks at. */
export const ORPHAN_WINDOW = 1_000;

/**
 * Up to `window` scripts that have a pending dead letter, starting after `after`, each with the time of its earliest
 * one. The query jumps from one script to the next in the index, so the cost is per script, however many dead letters
 * wait (https://wiki.postgresql.org/wiki/Loose_indexscan).
 */
const waitingScripts = (table: string, after: string, window: number): string => `waiting AS (
    (SELECT script_id, next_retry_at, 1 AS step FROM ${table}
      WHERE status = 'pending' AND script_id > ${after}::uuid ORDER BY script_id, next_retry_at LIMIT 1)
    UNION ALL
    SELECT n.script_id, n.next_retry_at, w.step + 1 FROM waiting w CROSS JOIN LATERAL (
      SELECT script_id, next_retry_at FROM ${table}
       WHERE status = 'pending' AND script_id > w.script_id ORDER BY script_id, next_retry_at LIMIT 1
    ) n WHERE w.step < ${window}
  ), seen AS (
    SELECT count(*)::int AS scripts, (array_agg(script_id ORDER BY script_id DESC))[1] AS last FROM waiting
  )`;

/** The statements of the repository, as text. Each ends in a SELECT and so returns rows. */
export function deadLetterSql({ deadLetters: table, scripts, fence }: DeadLetterTables) {
  return {
    /** $1 tenant, $2 script, $3 event */
    has: `SELECT id FROM ${table} WHERE tenant_id = $1 AND event_id = $3 AND script_id::text = $2 LIMIT 1`,
    /** $1 scripts, $2 bound of each count */
    countPending: `SELECT s.id, (
        SELECT count(*)::int FROM (
          SELECT FROM ${table} WHERE script_id = s.id AND status = 'pending' LIMIT $2::int
        ) p) AS count
      FROM unnest($1::uuid[]) AS s (id)`,

    recoverExpired: `WITH expired AS (
        SELECT id FROM ${table} WHERE status = 'retrying' AND locked_until < now() FOR UPDATE SKIP LOCKED
      ), recovered AS (
        UPDATE ${table} d SET status = 'pending', next_retry_at = coalesce(d.next_retry_at, now()), ${UNLOCKED},
          attempts = ${withItem(`jsonb_build_object('kind', 'lost', 'durationMs', 0, 'trigger', 'retry', 'by', d.locked_by,
            'message', 'the lease ended before a result came: the process ended or was cut off')`)}
        FROM expired e WHERE d.id = e.id RETURNING d.id
      ) SELECT count(*)::int AS count FROM recovered`,

    /**
     * $1 limit, $2 token, $3 lease in ms, $4 script to begin after, $5 tenants to leave out. Returns at least one row,
     * which says how far it looked.
     *
     * Tenants take turns, and so do the scripts of a tenant; no script has more candidates than its share. Twice as
     * many candidates as the limit are examined, so that a second worker at the same moment finds some too.
     */
    claim: `WITH RECURSIVE ${waitingScripts(table, '$4', SCRIPT_WINDOW)}, due AS (
        SELECT s.id, s.tenant_id, count(*) OVER (PARTITION BY s.tenant_id) AS siblings
          FROM waiting w JOIN ${scripts} s ON s.id = w.script_id AND s.status = 'active'
         WHERE w.next_retry_at <= now() AND s.tenant_id <> ALL ($5::text[])
      ), share AS (
        SELECT c.id, c.next_retry_at, c.place, due.tenant_id FROM due CROSS JOIN LATERAL (
          SELECT id, next_retry_at, row_number() OVER (ORDER BY next_retry_at, id) AS place FROM ${table}
           WHERE script_id = due.id AND status = 'pending' AND next_retry_at <= now()
             -- Not "=", for which the planner would read a script's whole history by another index.
             AND tenant_id IS NOT DISTINCT FROM due.tenant_id
           ORDER BY next_retry_at, id
           LIMIT ceil($1::int * 2.0 / (due.siblings * (SELECT count(DISTINCT tenant_id) FROM due)))
        ) c
      ), candidate AS MATERIALIZED (
        SELECT id, next_retry_at, row_number() OVER (PARTITION BY tenant_id ORDER BY place, next_retry_at, id) AS turn
          FROM share ORDER BY turn, next_retry_at, id LIMIT $1::int * 2
      ), locked AS (
        SELECT d.id, c.turn, c.next_retry_at FROM ${table} d JOIN candidate c ON c.id = d.id
         WHERE d.status = 'pending' AND d.next_retry_at <= now()
         ORDER BY c.turn, c.next_retry_at, c.id LIMIT $1::int FOR UPDATE OF d SKIP LOCKED
      ), claimed AS (
        UPDATE ${table} d SET status = 'retrying', locked_by = $2, locked_until = ${inMs('$3')}, updated_at = now()
          FROM locked l WHERE d.id = l.id
        RETURNING d.*, l.turn, ${nextToken(fence)} AS fence
      ) SELECT seen.scripts, seen.last, c.id, tenant_id, script_id, event_id, event_type, event_data::text AS payload,
               ${isoTime('occurred_at')} AS occurred_at, actor_id, cause, trace, reason, retry_count, max_retries, attempts, fence
          FROM seen LEFT JOIN claimed c ON true ORDER BY c.turn, c.next_retry_at, c.id`,

    /** $1 ids, $2 tokens, $3 lease in ms */
    renew: `WITH renewed AS (
        UPDATE ${table} d SET locked_until = ${inMs('$3')}
          FROM unnest($1::uuid[], $2::text[]) AS l (id, token)
         WHERE d.id = l.id AND d.locked_by = l.token AND d.status = 'retrying' RETURNING d.id
      ) SELECT id FROM renewed`,

    /** $1 ids, $2 tokens */
    leased: `SELECT d.id FROM ${table} d JOIN unnest($1::uuid[], $2::text[]) AS l (id, token) ON d.id = l.id
         WHERE d.locked_by = l.token AND d.status = 'retrying' AND d.locked_until > now()`,

    /** $1 id, $2 token, $3 status, $4 counted retries, $5 delay in ms, $6 error, $7 error kind, $8 history, $9 by */
    mark: `WITH marked AS (
        UPDATE ${table} d SET status = $3::text, retry_count = d.retry_count + $4::int,
          reason = CASE WHEN $3::text = 'resolved' THEN d.reason ELSE 'failed' END,
          error = coalesce($6::text, d.error), error_kind = coalesce($7::text, d.error_kind),
          error_line = CASE WHEN $3::text = 'resolved' THEN d.error_line ELSE $10::int END,
          error_alike = coalesce($11::bigint, d.error_alike),
          next_retry_at = CASE WHEN $3::text = 'pending' THEN ${inMs('$5')} END,
          resolved_at = CASE WHEN $3::text = 'resolved' THEN now() END,
          resolved_by = CASE WHEN $3::text = 'resolved' THEN $9::text END,
          attempts = ${withItem('$8::jsonb')}, ${UNLOCKED}
         WHERE d.id = $1 AND d.locked_by = $2 AND d.status = 'retrying' RETURNING d.id, d.tenant_id
      ) SELECT id, tenant_id FROM marked`,

    /** $1 id, $2 token, $3 delay in ms or null */
    release: `WITH released AS (
        UPDATE ${table} d SET status = 'pending', ${UNLOCKED},
          next_retry_at = CASE WHEN $3::float8 IS NULL THEN coalesce(d.next_retry_at, now()) ELSE ${inMs('$3')} END
         WHERE d.id = $1 AND d.locked_by = $2 AND d.status = 'retrying' RETURNING d.id
      ) SELECT id FROM released`,

    /** $1 note, $2 script to begin after. Up to 1,000 entries at a time, to keep locks short. */
    discardOrphans: `WITH RECURSIVE ${waitingScripts(table, '$2', ORPHAN_WINDOW)}, orphan AS (
        SELECT d.id FROM waiting w CROSS JOIN LATERAL (
          SELECT id FROM ${table} WHERE script_id = w.script_id AND status = 'pending'
           ORDER BY next_retry_at, id LIMIT 1000
        ) d WHERE NOT EXISTS (SELECT FROM ${scripts} s WHERE s.id = w.script_id) LIMIT 1000
      ), discarded AS (
        UPDATE ${table} d SET status = 'discarded', next_retry_at = NULL, resolved_at = now(),
          resolved_by = 'scripts-event', note = $1, ${UNLOCKED}
         WHERE d.id = ANY (ARRAY (SELECT id FROM orphan)) AND d.status = 'pending' RETURNING d.id
      ) SELECT seen.scripts, seen.last, (SELECT count(*)::int FROM discarded) AS count FROM seen`,

    claimAlerts: claimAlertsSql(table, scripts),

    /**
     * $1 id, $2 token, $3 history. Not fenced: the alert was sent, even if the dead letter was replayed in the
     * meantime.
     */
    alerted: `WITH alerted AS (
        UPDATE ${table} d SET alerted_at = coalesce(d.alerted_at, now()), attempts = ${alertHistory('$3')},
          locked_until = CASE WHEN d.locked_by = $2 THEN NULL ELSE d.locked_until END,
          locked_by = CASE WHEN d.locked_by = $2 THEN NULL ELSE d.locked_by END
         WHERE d.id = $1 RETURNING d.id
      ) SELECT id FROM alerted`,

    /** $1 id, $2 token, $3 history, $4 delay in ms */
    alertLater: `WITH later AS (
        UPDATE ${table} d SET attempts = ${alertHistory('$3')}, locked_until = ${inMs('$4')}
         WHERE d.id = $1 AND d.locked_by = $2 AND d.status = 'exhausted' RETURNING d.id
      ) SELECT id FROM later`,

    countByStatus: [
      ...OPEN.map(
        (status) =>
          `SELECT '${status}' AS status, count(*)::int AS count FROM ${table} WHERE status = '${status}'`,
      ),
      // In the order of an index, so that finding the first ones doesn't read the whole table.
      ...CLOSED.map(
        (status) => `SELECT '${status}', count(*)::int FROM (
          SELECT FROM ${table} WHERE status = '${status}' ORDER BY updated_at LIMIT ${MOST_CLOSED_COUNTED}) c`,
      ),
    ].join(' UNION ALL '),

    oldestDue: `WITH RECURSIVE ${waitingScripts(table, `'${BEGINNING}'`, MEASURED_SCRIPTS)}
      SELECT (extract(epoch FROM now() - min(w.next_retry_at)) * 1000)::numeric AS ms
        FROM waiting w JOIN ${scripts} s ON s.id = w.script_id AND s.status = 'active'
       WHERE w.next_retry_at <= now()`,

    /** $1 tenant */
    stats: `SELECT status, reason, count(*)::int AS count, ${isoTime('min(created_at)')} AS oldest,
              ${isoTime('min(next_retry_at)')} AS next,
              (count(*) FILTER (WHERE status = 'pending' AND next_retry_at <= now()))::int AS due
         FROM ${table} WHERE tenant_id = $1 AND status IN (${OPEN.map((status) => `'${status}'`).join(', ')})
        GROUP BY status, reason
      ${CLOSED.map(
        (status) => `UNION ALL SELECT '${status}', NULL, count(*)::int, NULL, NULL, 0 FROM (
          SELECT FROM ${table} WHERE tenant_id = $1 AND status = '${status}' ORDER BY id DESC LIMIT ${MOST_CLOSED_COUNTED}) c`,
      ).join(' ')}`,

    /**
     * $1 tenant, $2 limit of each count, $3 how many of the newest pending ones are searched for held ones
     *
     * The oldest one is found by a range that contains one status. With an equality, the planner may look for it among
     * the oldest dead letters of all tenants, and read the whole table if there is none.
     */
    boundedCounts: `SELECT ${OPEN.map(
      (status) => `(SELECT count(*)::int FROM (
          SELECT FROM ${table} WHERE tenant_id = $1 AND status = '${status}' LIMIT $2::int) c) AS ${status}`,
    ).join(', ')},
        (SELECT count(*)::int FROM (SELECT FROM (
          SELECT reason FROM ${table} WHERE tenant_id = $1 AND status = 'pending' ORDER BY id DESC LIMIT $3::int
        ) p WHERE reason = 'held' LIMIT $2::int) c) AS held,
        (SELECT ${isoTime('min(oldest)')} FROM unnest(ARRAY['pending', 'retrying', 'exhausted']) AS s (status),
          LATERAL (SELECT created_at AS oldest FROM ${table} d WHERE d.tenant_id = $1
            AND d.status BETWEEN s.status AND s.status ORDER BY d.status DESC, d.id LIMIT 1) o) AS oldest`,

    /**
     * `chosen`: conditions over `d`. `by`, `limit`: parameters. `script`: the parameter with the script, if only its
     * part is replayed.
     *
     * A dead letter for several scripts is split into one for each that still exists; the row remains that of its own
     * script.
     */
    replay: (chosen: string, by: string, limit: string, script?: string): string => {
      const requested = `jsonb_build_object('kind', 'requested', 'message', 'replay', 'durationMs', 0,
            'trigger', 'replay', 'by', ${by}::text)`;
      const state = {
        status: `'pending'`,
        next_retry_at: 'now()',
        resolved_at: 'NULL',
        resolved_by: 'NULL',
        note: 'NULL',
        max_retries: 'greatest(d.max_retries, d.retry_count + 1)',
        attempts: withItem(requested),
      };
      return `WITH ${chosenSql(table, chosen, limit, script === undefined)}, parts AS (
        ${partSql(table, scripts, state, script)}
      ), shrunk AS (
        ${shrunkSql(table, script)}
      ), replayed AS (
        UPDATE ${table} d SET ${assigned(state)}, other_script_ids = NULL,
          event_count = CASE WHEN c.other_script_ids IS NULL THEN d.event_count ELSE 1 END, ${UNLOCKED}
        FROM chosen c WHERE d.id = c.id AND ${isWhole(script)} RETURNING d.id
      ) SELECT id FROM replayed UNION ALL SELECT id FROM shrunk ORDER BY id`;
    },

    /**
     * As `replay`, with a note. A dead letter for several scripts is discarded as a whole, unless `script` is given.
     */
    discard: (chosen: string, by: string, limit: string, note: string, script?: string): string => {
      const state = {
        status: `'discarded'`,
        next_retry_at: 'NULL',
        resolved_at: 'now()',
        resolved_by: `${by}::text`,
        note: `${note}::text`,
        attempts: withItem(`jsonb_build_object('kind', 'discarded', 'message', ${note}::text, 'durationMs', 0,
            'trigger', 'manual', 'by', ${by}::text)`),
      };
      const parts = script === undefined ? '' : `, parts AS (${partSql(table, scripts, state, script)})`;
      return `WITH ${chosenSql(table, chosen, limit, false)}${parts}, shrunk AS (
        ${shrunkSql(table, script)}
      ), discarded AS (
        UPDATE ${table} d SET ${assigned(state)}, ${UNLOCKED}
        FROM chosen c WHERE d.id = c.id AND ${isWhole(script)} RETURNING d.id
      ) SELECT id FROM discarded UNION ALL SELECT id FROM shrunk ORDER BY id`;
    },

    /**
     * Condition: the script, or one of the scripts, still exists. `script`: the parameter with the script, if only its
     * part is meant.
     */
    scriptExists: (script?: string): string =>
      script !== undefined
        ? `EXISTS (SELECT FROM ${scripts} s WHERE s.id = ${script}::uuid AND s.tenant_id = d.tenant_id)`
        : `(EXISTS (SELECT FROM ${scripts} s WHERE s.id = d.script_id AND s.tenant_id = d.tenant_id)
      OR d.other_script_ids IS NOT NULL AND EXISTS (
        SELECT FROM ${scripts} s WHERE s.id = ANY (d.other_script_ids) AND s.tenant_id = d.tenant_id))`,

    /** $1 tenant, $2 id */
    delete: `WITH deleted AS (DELETE FROM ${table} WHERE tenant_id = $1 AND id = $2 RETURNING id) SELECT id FROM deleted`,

    /**
     * $1 tenant or null, $2 statuses, $3 age in ms, $4 limit. An exhausted dead letter is kept until its alert was
     * sent.
     */
    purge: `WITH old AS (
        SELECT id FROM ${table} WHERE status = ANY ($2::text[]) AND updated_at <= ${inMs('-$3')}
           AND ($1::text IS NULL OR tenant_id = $1) AND (status <> 'exhausted' OR alerted_at IS NOT NULL)
         ORDER BY updated_at LIMIT $4::int FOR UPDATE SKIP LOCKED
      ), deleted AS (
        DELETE FROM ${table} d USING old WHERE d.id = old.id RETURNING d.id
      ) SELECT count(*)::int AS count FROM deleted`,
  };
}

const assigned = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([column, value]) => `${column} = ${value}`)
    .join(', ');

/** Condition over `c`: the whole dead letter changes, not just one of its scripts. */
const isWhole = (script: string | undefined): string =>
  script === undefined ? 'true' : 'c.other_script_ids IS NULL';

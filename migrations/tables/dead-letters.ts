import type { Names } from '../names.js';
import { KEY_TEXT } from './key-text.js';

/** One row for each dead letter. */
export function deadLetters(names: Names): string[] {
  const table = names.path('dead_letter_queue');
  return [
    `CREATE TABLE ${table} (
      id uuid PRIMARY KEY,
      tenant_id ${KEY_TEXT} NOT NULL,
      script_id uuid NOT NULL,
      script_version integer,
      event_id ${KEY_TEXT} NOT NULL,
      event_type text NOT NULL,
      event_data jsonb NOT NULL,
      occurred_at timestamptz NOT NULL,
      actor_id text,
      cause jsonb NOT NULL,
      -- The place in a trace where the event was published.
      trace jsonb,
      reason ${KEY_TEXT} NOT NULL CHECK (reason IN
        ('failed', 'overflow', 'shutdown', 'loop', 'paused', 'deleted', 'held', 'undecided')),
      error text NOT NULL,
      error_kind text,
      error_line integer,
      -- As in script_executions: equal for the failures of one group.
      error_alike bigint,
      status ${KEY_TEXT} NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'retrying', 'exhausted', 'resolved', 'discarded')),
      retry_count integer NOT NULL DEFAULT 0 CHECK (retry_count >= 0),
      max_retries integer NOT NULL DEFAULT 3 CHECK (max_retries >= 0),
      next_retry_at timestamptz,
      attempts jsonb NOT NULL DEFAULT '[]',
      locked_until timestamptz,
      locked_by text,
      alerted_at timestamptz,
      alert_count integer CHECK (alert_count >= 1),
      resolved_at timestamptz,
      resolved_by text,
      note text,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      -- How many queued events the row stands for: those of one loop, or of one event for several scripts.
      event_count integer NOT NULL DEFAULT 1 CHECK (event_count >= 1),
      loop_root ${KEY_TEXT},
      other_script_ids uuid[] CHECK (cardinality(other_script_ids) > 0),
      -- A pending row without a time would wait for ever; a time on a closed row would promise a retry.
      CONSTRAINT ${names.own('dead_letter_queue_pending_has_time')}
        CHECK (status <> 'pending' OR next_retry_at IS NOT NULL),
      CONSTRAINT ${names.own('dead_letter_queue_closed_has_no_time')}
        CHECK (status IN ('pending', 'retrying') OR next_retry_at IS NULL),
      -- A row has a lease only while a worker handles it: runs a retrying one, or alerts about an exhausted one.
      CONSTRAINT ${names.own('dead_letter_queue_claimed_has_owner')}
        CHECK (status <> 'retrying' OR locked_by IS NOT NULL),
      CONSTRAINT ${names.own('dead_letter_queue_only_work_is_claimed')}
        CHECK (status IN ('retrying', 'exhausted') OR locked_by IS NULL),
      CONSTRAINT ${names.own('dead_letter_queue_lease_has_end')}
        CHECK ((locked_by IS NULL) = (locked_until IS NULL))
    )`,
    // For the retry worker: due rows, earliest first for each script, so that the backlog of a paused script or a
    // flooding tenant is skipped in one step; and expired leases.
    `CREATE INDEX ${names.own('dead_letter_queue_due_idx')} ON ${table} (script_id, next_retry_at, id)
      WHERE status = 'pending'`,
    `CREATE INDEX ${names.own('dead_letter_queue_lease_idx')} ON ${table} (locked_until) WHERE status = 'retrying'`,
    // Exhausted dead letters without an alert, one tenant and script after another.
    `CREATE INDEX ${names.own('dead_letter_queue_alert_idx')} ON ${table} (tenant_id, script_id, id)
      WHERE status = 'exhausted' AND alerted_at IS NULL`,
    // The last alert about a script.
    `CREATE INDEX ${names.own('dead_letter_queue_alerted_idx')} ON ${table} (script_id, alerted_at)
      WHERE alerted_at IS NOT NULL`,
    // One row for each loop and script.
    `CREATE UNIQUE INDEX ${names.own('dead_letter_queue_loop_key')} ON ${table} (tenant_id, script_id, loop_root)
      WHERE reason = 'loop' AND loop_root IS NOT NULL`,
    // Lists of a tenant, with or without a status, and of a script, newest first.
    `CREATE INDEX ${names.own('dead_letter_queue_tenant_idx')} ON ${table} (tenant_id, id DESC)`,
    `CREATE INDEX ${names.own('dead_letter_queue_tenant_status_idx')} ON ${table} (tenant_id, status, id DESC)`,
    `CREATE INDEX ${names.own('dead_letter_queue_script_idx')} ON ${table} (tenant_id, script_id, id DESC)`,
    // The dead letters of one group of failures, newest first.
    `CREATE INDEX ${names.own('dead_letter_queue_alike_idx')} ON ${table} (tenant_id, script_id, error_alike, id DESC)
      WHERE error_alike IS NOT NULL`,
    // Dead letters that stand for several scripts. The index of a script finds only the first of the scripts.
    `CREATE INDEX ${names.own('dead_letter_queue_of_many_idx')} ON ${table} (tenant_id, id DESC)
      WHERE other_script_ids IS NOT NULL`,
    // "What became of this event?"
    `CREATE INDEX ${names.own('dead_letter_queue_event_idx')} ON ${table} (tenant_id, event_id)`,
    // Purging closed dead letters by age, and counting by status.
    `CREATE INDEX ${names.own('dead_letter_queue_retention_idx')} ON ${table} (status, updated_at)`,
  ];
}

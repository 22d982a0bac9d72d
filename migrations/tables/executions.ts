import type { Names } from '../names.js';
import { KEY_TEXT } from './key-text.js';

/** Executions of which a script has at most one for an event. A statement repeats this condition to use the index. */
const COMPLETION = `status = 'completed' AND trigger NOT IN ('manual', 'test')`;

/** One row for each execution. */
export function executions(names: Names): string[] {
  const table = names.path('script_executions');
  return [
    `CREATE TABLE ${table} (
      id uuid NOT NULL,
      tenant_id ${KEY_TEXT} NOT NULL,
      script_id uuid NOT NULL,
      script_version integer NOT NULL,
      event_id ${KEY_TEXT} NOT NULL,
      event_type ${KEY_TEXT} NOT NULL,
      attempt integer NOT NULL CHECK (attempt >= 1),
      trigger ${KEY_TEXT} NOT NULL CHECK (trigger IN ('event', 'retry', 'replay', 'manual', 'test')),
      status ${KEY_TEXT} NOT NULL CHECK (status IN ('completed', 'failed')),
      result jsonb,
      error_kind ${KEY_TEXT},
      error_message text,
      error_stack text,
      error_line integer,
      -- Equal for failures whose messages differ only in numbers.
      error_alike bigint,
      logs jsonb NOT NULL DEFAULT '[]',
      logs_dropped integer NOT NULL DEFAULT 0,
      published_events integer NOT NULL DEFAULT 0,
      binding_calls integer NOT NULL DEFAULT 0,
      duration_ms double precision NOT NULL,
      cpu_ms double precision NOT NULL,
      queue_ms double precision NOT NULL,
      idempotency_key text NOT NULL,
      dead_letter_id uuid,
      started_at timestamptz NOT NULL,
      finished_at timestamptz NOT NULL,
      -- The event, for test runs and replays. The input is stored only if the host asks for it.
      occurred_at timestamptz,
      actor_id text,
      depth integer,
      -- The execution that published the event, and the event that this execution ran for. Null for an event of the
      -- host.
      cause_event_id text,
      cause_execution_id uuid,
      input jsonb,
      -- For a replay: who asked for it, and which execution it repeats.
      requested_by text,
      replay_of uuid,
      -- The span in a tracing system, if one was recorded.
      trace_id text,
      span_id text,
      CONSTRAINT ${names.own('script_executions_failure_has_kind')} CHECK ((status = 'failed') = (error_kind IS NOT NULL)),
      -- A tenant's executions in order. With an index on the id alone, the planner might read the executions of all
      -- tenants to find the newest of one.
      PRIMARY KEY (tenant_id, id)
    )`,
    // The executions of a script, and of an event type, newest first.
    `CREATE INDEX ${names.own('script_executions_script_idx')} ON ${table} (tenant_id, script_id, id DESC)`,
    `CREATE INDEX ${names.own('script_executions_type_idx')} ON ${table} (tenant_id, event_type, id DESC)`,
    // A script completes once for an event, however often the event is delivered. Calls by the host and test runs may
    // repeat it.
    `CREATE UNIQUE INDEX ${names.own('script_executions_completion_key')} ON ${table} (tenant_id, event_id, script_id)
      WHERE ${COMPLETION}`,
    // "What became of this event?": the executions that the key above leaves out. Every record is in one of the two.
    `CREATE INDEX ${names.own('script_executions_event_idx')} ON ${table} (tenant_id, event_id) WHERE NOT (${COMPLETION})`,
    `CREATE INDEX ${names.own('script_executions_replay_idx')} ON ${table} (tenant_id, replay_of, id DESC)
      WHERE replay_of IS NOT NULL`,
    // The attempts of a dead letter. Few records have a dead letter.
    `CREATE INDEX ${names.own('script_executions_dead_letter_idx')} ON ${table} (tenant_id, dead_letter_id, id DESC)
      WHERE dead_letter_id IS NOT NULL`,
    // Executions that no event triggered: retries, replays, calls by the host and test runs.
    `CREATE INDEX ${names.own('script_executions_trigger_idx')} ON ${table} (tenant_id, trigger, id DESC)
      WHERE trigger <> 'event'`,
    // The latest failures of a tenant, of a script and of a kind, fast to find even if failures are rare.
    `CREATE INDEX ${names.own('script_executions_failed_idx')} ON ${table} (tenant_id, id DESC) WHERE status = 'failed'`,
    `CREATE INDEX ${names.own('script_executions_failed_script_idx')} ON ${table} (tenant_id, script_id, id DESC)
      WHERE status = 'failed'`,
    `CREATE INDEX ${names.own('script_executions_failed_kind_idx')} ON ${table} (tenant_id, error_kind, id DESC)
      WHERE status = 'failed'`,
    // Retention: the oldest of a status, over all tenants.
    `CREATE INDEX ${names.own('script_executions_retention_idx')} ON ${table} (status, finished_at)`,
  ];
}

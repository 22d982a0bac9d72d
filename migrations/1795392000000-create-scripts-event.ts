import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Names } from './names.js';

/** Tables for scripts with their versions, executions and dead letters. */
export class CreateScriptsEvent1795392000000 implements MigrationInterface {
  readonly name = 'CreateScriptsEvent1795392000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    const statements = [
      scripts(names),
      scriptChanges(names),
      versions(names),
      executions(names),
      deadLetters(names),
    ];
    for (const statement of statements.flat()) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    for (const table of ['dead_letter_queue', 'script_executions', 'script_versions', 'scripts']) {
      await queryRunner.query(`DROP TABLE ${names.path(table)}`);
    }
    for (const name of ['script_versions_refuse_update', 'scripts_notify_change', 'scripts_mark_change']) {
      await queryRunner.query(`DROP FUNCTION ${names.path(name)}()`);
    }
  }
}

function scripts(names: Names): string[] {
  return [
    `CREATE TABLE ${names.path('scripts')} (
      id uuid PRIMARY KEY,
      tenant_id text NOT NULL CHECK (tenant_id <> ''),
      name text NOT NULL CHECK (name <> ''),
      description text,
      event_types text[] NOT NULL CHECK (cardinality(event_types) > 0),
      filters jsonb,
      status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'active', 'paused', 'disabled', 'archived')),
      status_reason text,
      version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
      limits jsonb,
      bindings text[],
      max_concurrency integer CHECK (max_concurrency >= 1),
      created_by text,
      updated_by text,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      revision bigint NOT NULL
    )`,
    // An archived script gives its name free.
    `CREATE UNIQUE INDEX ${names.own('scripts_tenant_name_key')} ON ${names.path('scripts')} (tenant_id, name)
      WHERE status <> 'archived'`,
    // Lists of a tenant, newest first: ids are ordered by time.
    `CREATE INDEX ${names.own('scripts_tenant_idx')} ON ${names.path('scripts')} (tenant_id, id DESC)`,
    // The script index: loading in pages by id, and the check for changes from the index alone.
    `CREATE INDEX ${names.own('scripts_active_idx')} ON ${names.path('scripts')} (id, revision) WHERE status = 'active'`,
  ];
}

/** What keeps the script index of every instance fresh. */
function scriptChanges(names: Names): string[] {
  const table = names.path('scripts');
  return [
    `CREATE SEQUENCE ${names.path('scripts_revision_seq')} OWNED BY ${table}.revision`,
    // The sequence is found through the table: the function survives a rename of the schema.
    `CREATE FUNCTION ${names.path('scripts_mark_change')}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.revision := nextval(format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME || '_revision_seq')::regclass);
      NEW.updated_at := now();
      RETURN NEW;
    END $$`,
    `CREATE TRIGGER ${names.own('scripts_mark_change')} BEFORE INSERT OR UPDATE ON ${table}
      FOR EACH ROW EXECUTE FUNCTION ${names.path('scripts_mark_change')}()`,
    // The channel comes from the table: two applications in one database do not wake each other.
    `CREATE FUNCTION ${names.path('scripts_notify_change')}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify(
        'scripts_event_' || left(md5(TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME), 16),
        CASE TG_OP WHEN 'DELETE' THEN OLD.id ELSE NEW.id END::text
      );
      RETURN NULL;
    END $$`,
    `CREATE TRIGGER ${names.own('scripts_notify_change')} AFTER INSERT OR UPDATE OR DELETE ON ${table}
      FOR EACH ROW EXECUTE FUNCTION ${names.path('scripts_notify_change')}()`,
  ];
}

function versions(names: Names): string[] {
  const table = names.path('script_versions');
  return [
    `CREATE TABLE ${table} (
      script_id uuid NOT NULL REFERENCES ${names.path('scripts')} (id) ON DELETE CASCADE,
      version integer NOT NULL CHECK (version >= 1),
      tenant_id text NOT NULL,
      source text NOT NULL,
      checksum text NOT NULL,
      created_by text,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (script_id, version)
    )`,
    `CREATE FUNCTION ${names.path('script_versions_refuse_update')}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'a script version is immutable: add a new one instead of changing version % of script %',
        OLD.version, OLD.script_id USING ERRCODE = 'restrict_violation';
    END $$`,
    `CREATE TRIGGER ${names.own('script_versions_refuse_update')} BEFORE UPDATE ON ${table}
      FOR EACH ROW EXECUTE FUNCTION ${names.path('script_versions_refuse_update')}()`,
  ];
}

function executions(names: Names): string[] {
  const table = names.path('script_executions');
  return [
    `CREATE TABLE ${table} (
      id uuid PRIMARY KEY,
      tenant_id text NOT NULL,
      script_id uuid NOT NULL,
      script_version integer NOT NULL,
      event_id text NOT NULL,
      event_type text NOT NULL,
      attempt integer NOT NULL CHECK (attempt >= 1),
      trigger text NOT NULL CHECK (trigger IN ('event', 'retry', 'replay', 'manual')),
      status text NOT NULL CHECK (status IN ('completed', 'failed')),
      result jsonb,
      error_kind text,
      error_message text,
      error_stack text,
      error_line integer,
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
      CONSTRAINT ${names.own('script_executions_failure_has_kind')} CHECK ((status = 'failed') = (error_kind IS NOT NULL))
    )`,
    // A script's and a tenant's executions, newest first.
    `CREATE INDEX ${names.own('script_executions_script_idx')} ON ${table} (tenant_id, script_id, id DESC)`,
    `CREATE INDEX ${names.own('script_executions_tenant_idx')} ON ${table} (tenant_id, id DESC)`,
    // "What became of this event?"
    `CREATE INDEX ${names.own('script_executions_event_idx')} ON ${table} (tenant_id, event_id)`,
    // Retention: the oldest of a status, over all tenants.
    `CREATE INDEX ${names.own('script_executions_retention_idx')} ON ${table} (status, finished_at)`,
  ];
}

function deadLetters(names: Names): string[] {
  const table = names.path('dead_letter_queue');
  return [
    `CREATE TABLE ${table} (
      id uuid PRIMARY KEY,
      tenant_id text NOT NULL,
      script_id uuid NOT NULL,
      script_version integer,
      event_id text NOT NULL,
      event_type text NOT NULL,
      event_data jsonb NOT NULL,
      occurred_at timestamptz NOT NULL,
      actor_id text,
      cause jsonb NOT NULL,
      reason text NOT NULL CHECK (reason IN ('failed', 'overflow', 'shutdown', 'loop', 'paused', 'deleted')),
      error text NOT NULL,
      error_kind text,
      status text NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'retrying', 'exhausted', 'resolved', 'discarded')),
      retry_count integer NOT NULL DEFAULT 0 CHECK (retry_count >= 0),
      max_retries integer NOT NULL DEFAULT 3 CHECK (max_retries >= 0),
      next_retry_at timestamptz,
      attempts jsonb NOT NULL DEFAULT '[]',
      locked_until timestamptz,
      locked_by text,
      alerted_at timestamptz,
      resolved_at timestamptz,
      resolved_by text,
      note text,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      -- A pending row without a time would wait for ever; a time on a closed row would promise a retry.
      CONSTRAINT ${names.own('dead_letter_queue_pending_has_time')}
        CHECK (status <> 'pending' OR next_retry_at IS NOT NULL),
      CONSTRAINT ${names.own('dead_letter_queue_closed_has_no_time')}
        CHECK (status IN ('pending', 'retrying') OR next_retry_at IS NULL),
      -- A lease belongs to a row that somebody works on: a retrying one runs, an exhausted one is being alerted.
      CONSTRAINT ${names.own('dead_letter_queue_claimed_has_owner')}
        CHECK (status <> 'retrying' OR locked_by IS NOT NULL),
      CONSTRAINT ${names.own('dead_letter_queue_only_work_is_claimed')}
        CHECK (status IN ('retrying', 'exhausted') OR locked_by IS NULL),
      CONSTRAINT ${names.own('dead_letter_queue_lease_has_end')}
        CHECK ((locked_by IS NULL) = (locked_until IS NULL))
    )`,
    // The retry worker: what is due, earliest first in each script, so that the backlog of a paused script or a flooding
    // tenant is skipped in one step; and leases that ran out.
    `CREATE INDEX ${names.own('dead_letter_queue_due_idx')} ON ${table} (script_id, next_retry_at, id)
      WHERE status = 'pending'`,
    `CREATE INDEX ${names.own('dead_letter_queue_lease_idx')} ON ${table} (locked_until) WHERE status = 'retrying'`,
    // Exhausted ones that nobody has been told of.
    `CREATE INDEX ${names.own('dead_letter_queue_alert_idx')} ON ${table} (id)
      WHERE status = 'exhausted' AND alerted_at IS NULL`,
    // Lists of a tenant by status or without, and of a script, newest first.
    `CREATE INDEX ${names.own('dead_letter_queue_tenant_idx')} ON ${table} (tenant_id, id DESC)`,
    `CREATE INDEX ${names.own('dead_letter_queue_tenant_status_idx')} ON ${table} (tenant_id, status, id DESC)`,
    `CREATE INDEX ${names.own('dead_letter_queue_script_idx')} ON ${table} (tenant_id, script_id, id DESC)`,
    // "What became of this event?"
    `CREATE INDEX ${names.own('dead_letter_queue_event_idx')} ON ${table} (tenant_id, event_id)`,
    // Purging closed ones by age, and counting by status.
    `CREATE INDEX ${names.own('dead_letter_queue_retention_idx')} ON ${table} (status, updated_at)`,
  ];
}

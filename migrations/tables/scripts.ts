import type { Names } from '../names.js';
import { KEY_TEXT } from './key-text.js';

/** Scripts and their versions. */
export const scripts = (names: Names): string[] => [
  ...definitions(names),
  ...changes(names),
  ...versions(names),
];

function definitions(names: Names): string[] {
  return [
    `CREATE TABLE ${names.path('scripts')} (
      id uuid PRIMARY KEY,
      tenant_id ${KEY_TEXT} NOT NULL CHECK (tenant_id <> ''),
      name ${KEY_TEXT} NOT NULL CHECK (name <> ''),
      description text,
      event_types text[] NOT NULL,
      filters jsonb,
      status ${KEY_TEXT} NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'active', 'paused', 'disabled', 'archived')),
      status_reason text,
      version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
      limits jsonb,
      bindings text[],
      max_concurrency integer CHECK (max_concurrency >= 1),
      created_by text,
      updated_by text,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      revision bigint NOT NULL,
      degraded boolean NOT NULL DEFAULT false,
      ordering_key text,
      on_ordered_failure text NOT NULL DEFAULT 'block' CHECK (on_ordered_failure IN ('block', 'skip')),
      runs_per_minute integer CHECK (runs_per_minute >= 1),
      secrets text[],
      schedules jsonb CHECK (jsonb_array_length(schedules) > 0),
      CONSTRAINT ${names.own('scripts_runs_for_something')} CHECK (cardinality(event_types) > 0 OR schedules IS NOT NULL)
    )`,
    // Another script may take the name of an archived one.
    `CREATE UNIQUE INDEX ${names.own('scripts_tenant_name_key')} ON ${names.path('scripts')} (tenant_id, name)
      WHERE status <> 'archived'`,
    // Lists of a tenant, newest first: ids are ordered by time.
    `CREATE INDEX ${names.own('scripts_tenant_idx')} ON ${names.path('scripts')} (tenant_id, id DESC)`,
    // For the script index: it loads scripts in pages, tenant by tenant, and checks for changes from this index alone.
    // Disabled scripts are in it too, because their events are kept.
    `CREATE INDEX ${names.own('scripts_active_idx')} ON ${names.path('scripts')} (tenant_id, id, revision)
      WHERE status IN ('active', 'disabled')`,
    // Scripts that need attention: few, however many scripts there are.
    `CREATE INDEX ${names.own('scripts_unwell_idx')} ON ${names.path('scripts')} (tenant_id, id DESC)
      WHERE status = 'disabled' OR degraded`,
  ];
}

/** The triggers that tell the script index of every process about changes. */
function changes(names: Names): string[] {
  const table = names.path('scripts');
  return [
    `CREATE SEQUENCE ${names.path('scripts_revision_seq')} OWNED BY ${table}.revision`,
    // The function finds the sequence through the table, so it still works after the schema is renamed.
    `CREATE FUNCTION ${names.path('scripts_mark_change')}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.revision := nextval(format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME || '_revision_seq')::regclass);
      NEW.updated_at := now();
      RETURN NEW;
    END $$`,
    `CREATE TRIGGER ${names.own('scripts_mark_change')} BEFORE INSERT OR UPDATE ON ${table}
      FOR EACH ROW EXECUTE FUNCTION ${names.path('scripts_mark_change')}()`,
    // The channel is named after the table, so two applications in one database don't notify each other. The tenant's
    // id is cut, because a payload of 8,000 bytes or more would make the change itself fail.
    `CREATE FUNCTION ${names.path('scripts_notify_change')}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify(
        'scripts_event_' || left(md5(TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME), 16),
        CASE TG_OP WHEN 'DELETE' THEN OLD.id || ' ' || left(OLD.tenant_id, 500) ELSE NEW.id || ' ' || left(NEW.tenant_id, 500) END
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
      tenant_id ${KEY_TEXT} NOT NULL,
      source text NOT NULL,
      language text NOT NULL DEFAULT 'javascript' CHECK (language IN ('javascript', 'typescript')),
      compiled text,
      checksum text NOT NULL,
      created_by text,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (script_id, version),
      CONSTRAINT ${names.own('script_versions_compiled_unless_javascript')}
        CHECK ((language = 'javascript') = (compiled IS NULL))
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

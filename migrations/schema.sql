-- The schema after all migrations, for reading and for review. Checked by a test; written anew by
--   UPDATE_SCHEMA=true npx jest test/integration/migrations/schema-snapshot.spec.ts

CREATE TABLE dead_letter_queue (
  id uuid NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  script_id uuid NOT NULL,
  script_version integer,
  event_id text COLLATE "C" NOT NULL,
  event_type text NOT NULL,
  event_data jsonb NOT NULL,
  occurred_at timestamp with time zone NOT NULL,
  actor_id text,
  cause jsonb NOT NULL,
  trace jsonb,
  reason text COLLATE "C" NOT NULL,
  error text NOT NULL,
  error_kind text,
  error_line integer,
  error_alike bigint,
  status text COLLATE "C" NOT NULL DEFAULT 'pending'::text,
  retry_count integer NOT NULL DEFAULT 0,
  max_retries integer NOT NULL DEFAULT 3,
  next_retry_at timestamp with time zone,
  attempts jsonb NOT NULL DEFAULT '[]'::jsonb,
  locked_until timestamp with time zone,
  locked_by text,
  alerted_at timestamp with time zone,
  alert_count integer,
  resolved_at timestamp with time zone,
  resolved_by text,
  note text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  event_count integer NOT NULL DEFAULT 1,
  loop_root text COLLATE "C",
  other_script_ids uuid[],
  CONSTRAINT dead_letter_queue_pkey PRIMARY KEY (id),
  CONSTRAINT dead_letter_queue_alert_count_check CHECK (alert_count >= 1),
  CONSTRAINT dead_letter_queue_claimed_has_owner CHECK (status <> 'retrying'::text OR locked_by IS NOT NULL),
  CONSTRAINT dead_letter_queue_closed_has_no_time CHECK ((status = ANY (ARRAY['pending'::text, 'retrying'::text])) OR next_retry_at IS NULL),
  CONSTRAINT dead_letter_queue_event_count_check CHECK (event_count >= 1),
  CONSTRAINT dead_letter_queue_lease_has_end CHECK ((locked_by IS NULL) = (locked_until IS NULL)),
  CONSTRAINT dead_letter_queue_max_retries_check CHECK (max_retries >= 0),
  CONSTRAINT dead_letter_queue_only_work_is_claimed CHECK ((status = ANY (ARRAY['retrying'::text, 'exhausted'::text])) OR locked_by IS NULL),
  CONSTRAINT dead_letter_queue_other_script_ids_check CHECK (cardinality(other_script_ids) > 0),
  CONSTRAINT dead_letter_queue_pending_has_time CHECK (status <> 'pending'::text OR next_retry_at IS NOT NULL),
  CONSTRAINT dead_letter_queue_reason_check CHECK (reason = ANY (ARRAY['failed'::text, 'overflow'::text, 'shutdown'::text, 'loop'::text, 'paused'::text, 'deleted'::text, 'held'::text, 'undecided'::text])),
  CONSTRAINT dead_letter_queue_retry_count_check CHECK (retry_count >= 0),
  CONSTRAINT dead_letter_queue_status_check CHECK (status = ANY (ARRAY['pending'::text, 'retrying'::text, 'exhausted'::text, 'resolved'::text, 'discarded'::text]))
);

CREATE INDEX dead_letter_queue_alert_idx ON dead_letter_queue USING btree (tenant_id, script_id, id) WHERE status = 'exhausted'::text AND alerted_at IS NULL;
CREATE INDEX dead_letter_queue_alerted_idx ON dead_letter_queue USING btree (script_id, alerted_at) WHERE alerted_at IS NOT NULL;
CREATE INDEX dead_letter_queue_alike_idx ON dead_letter_queue USING btree (tenant_id, script_id, error_alike, id DESC) WHERE error_alike IS NOT NULL;
CREATE INDEX dead_letter_queue_due_idx ON dead_letter_queue USING btree (script_id, next_retry_at, id) WHERE status = 'pending'::text;
CREATE INDEX dead_letter_queue_event_idx ON dead_letter_queue USING btree (tenant_id, event_id);
CREATE INDEX dead_letter_queue_lease_idx ON dead_letter_queue USING btree (locked_until) WHERE status = 'retrying'::text;
CREATE UNIQUE INDEX dead_letter_queue_loop_key ON dead_letter_queue USING btree (tenant_id, script_id, loop_root) WHERE reason = 'loop'::text AND loop_root IS NOT NULL;
CREATE INDEX dead_letter_queue_of_many_idx ON dead_letter_queue USING btree (tenant_id, id DESC) WHERE other_script_ids IS NOT NULL;
CREATE INDEX dead_letter_queue_retention_idx ON dead_letter_queue USING btree (status, updated_at);
CREATE INDEX dead_letter_queue_script_idx ON dead_letter_queue USING btree (tenant_id, script_id, id DESC);
CREATE INDEX dead_letter_queue_tenant_idx ON dead_letter_queue USING btree (tenant_id, id DESC);
CREATE INDEX dead_letter_queue_tenant_status_idx ON dead_letter_queue USING btree (tenant_id, status, id DESC);

CREATE TABLE script_executions (
  id uuid NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  script_id uuid NOT NULL,
  script_version integer NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  event_type text COLLATE "C" NOT NULL,
  attempt integer NOT NULL,
  trigger text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  result jsonb,
  error_kind text COLLATE "C",
  error_message text,
  error_stack text,
  error_line integer,
  error_alike bigint,
  logs jsonb NOT NULL DEFAULT '[]'::jsonb,
  logs_dropped integer NOT NULL DEFAULT 0,
  published_events integer NOT NULL DEFAULT 0,
  binding_calls integer NOT NULL DEFAULT 0,
  duration_ms double precision NOT NULL,
  cpu_ms double precision NOT NULL,
  queue_ms double precision NOT NULL,
  idempotency_key text NOT NULL,
  dead_letter_id uuid,
  started_at timestamp with time zone NOT NULL,
  finished_at timestamp with time zone NOT NULL,
  occurred_at timestamp with time zone,
  actor_id text,
  depth integer,
  cause_event_id text,
  cause_execution_id uuid,
  input jsonb,
  requested_by text,
  replay_of uuid,
  trace_id text,
  span_id text,
  CONSTRAINT script_executions_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT script_executions_attempt_check CHECK (attempt >= 1),
  CONSTRAINT script_executions_failure_has_kind CHECK ((status = 'failed'::text) = (error_kind IS NOT NULL)),
  CONSTRAINT script_executions_status_check CHECK (status = ANY (ARRAY['completed'::text, 'failed'::text])),
  CONSTRAINT script_executions_trigger_check CHECK (trigger = ANY (ARRAY['event'::text, 'retry'::text, 'replay'::text, 'manual'::text, 'test'::text]))
);

CREATE UNIQUE INDEX script_executions_completion_key ON script_executions USING btree (tenant_id, event_id, script_id) WHERE status = 'completed'::text AND (trigger <> ALL (ARRAY['manual'::text, 'test'::text]));
CREATE INDEX script_executions_dead_letter_idx ON script_executions USING btree (tenant_id, dead_letter_id, id DESC) WHERE dead_letter_id IS NOT NULL;
CREATE INDEX script_executions_event_idx ON script_executions USING btree (tenant_id, event_id) WHERE NOT (status = 'completed'::text AND (trigger <> ALL (ARRAY['manual'::text, 'test'::text])));
CREATE INDEX script_executions_failed_idx ON script_executions USING btree (tenant_id, id DESC) WHERE status = 'failed'::text;
CREATE INDEX script_executions_failed_kind_idx ON script_executions USING btree (tenant_id, error_kind, id DESC) WHERE status = 'failed'::text;
CREATE INDEX script_executions_failed_script_idx ON script_executions USING btree (tenant_id, script_id, id DESC) WHERE status = 'failed'::text;
CREATE INDEX script_executions_replay_idx ON script_executions USING btree (tenant_id, replay_of, id DESC) WHERE replay_of IS NOT NULL;
CREATE INDEX script_executions_retention_idx ON script_executions USING btree (status, finished_at);
CREATE INDEX script_executions_script_idx ON script_executions USING btree (tenant_id, script_id, id DESC);
CREATE INDEX script_executions_trigger_idx ON script_executions USING btree (tenant_id, trigger, id DESC) WHERE trigger <> 'event'::text;
CREATE INDEX script_executions_type_idx ON script_executions USING btree (tenant_id, event_type, id DESC);

CREATE TABLE script_health (
  script_id uuid NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  window_started_at timestamp with time zone,
  points double precision NOT NULL DEFAULT 0,
  runs integer NOT NULL DEFAULT 0,
  failures integer NOT NULL DEFAULT 0,
  failures_by_kind jsonb NOT NULL DEFAULT '{}'::jsonb,
  ended_processes integer NOT NULL DEFAULT 0,
  last_failure jsonb,
  blame jsonb NOT NULL DEFAULT '{}'::jsonb,
  blame_total integer NOT NULL DEFAULT 0,
  blame_first_at timestamp with time zone,
  blame_last_at timestamp with time zone,
  blame_version integer,
  no_room integer NOT NULL DEFAULT 0,
  changes integer NOT NULL DEFAULT 0,
  changed_to text COLLATE "C",
  changed_at timestamp with time zone,
  changed_by text,
  change_reason text,
  alerted_at timestamp with time zone,
  alert_attempts jsonb NOT NULL DEFAULT '[]'::jsonb,
  alert_locked_by text,
  alert_locked_until timestamp with time zone,
  CONSTRAINT script_health_pkey PRIMARY KEY (script_id),
  CONSTRAINT script_health_changed_to_check CHECK (changed_to = ANY (ARRAY['degraded'::text, 'disabled'::text, 'resumed'::text])),
  CONSTRAINT script_health_points_check CHECK (points >= 0::double precision)
);

CREATE INDEX script_health_alert_idx ON script_health USING btree (tenant_id, changed_at) WHERE changed_to IS NOT NULL AND alerted_at IS NULL;
CREATE INDEX script_health_blame_idx ON script_health USING btree (tenant_id, blame_total DESC, script_id) WHERE blame_total > 0;

CREATE TABLE script_schedules (
  script_id uuid NOT NULL,
  cron text COLLATE "C" NOT NULL,
  timezone text COLLATE "C" NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  definition jsonb NOT NULL,
  from_at timestamp with time zone NOT NULL,
  next_at timestamp with time zone,
  due_at timestamp with time zone,
  previous_at timestamp with time zone,
  open_event text,
  open_for timestamp with time zone,
  open_until timestamp with time zone,
  open_by text,
  CONSTRAINT script_schedules_pkey PRIMARY KEY (script_id, cron, timezone),
  CONSTRAINT script_schedules_script_id_fkey FOREIGN KEY (script_id) REFERENCES scripts(id) ON DELETE CASCADE,
  CONSTRAINT script_schedules_open_whole CHECK (num_nulls(open_event, open_for, open_until) = ANY (ARRAY[0, 3]))
);

CREATE INDEX script_schedules_due_idx ON script_schedules USING btree (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX script_schedules_tenant_due_idx ON script_schedules USING btree (tenant_id, due_at) WHERE due_at IS NOT NULL;

CREATE TABLE script_secrets (
  tenant_id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  key_id text NOT NULL,
  sealed text NOT NULL,
  version integer NOT NULL DEFAULT 1,
  description text,
  hosts text[] NOT NULL DEFAULT '{}'::text[],
  bindings text[] NOT NULL DEFAULT '{}'::text[],
  created_by text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_by text,
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  value_set_by text,
  value_set_at timestamp with time zone NOT NULL DEFAULT now(),
  last_used_at timestamp with time zone,
  revision bigint NOT NULL,
  CONSTRAINT script_secrets_pkey PRIMARY KEY (tenant_id, name),
  CONSTRAINT script_secrets_name_check CHECK (name <> ''::text),
  CONSTRAINT script_secrets_tenant_id_check CHECK (tenant_id <> ''::text),
  CONSTRAINT script_secrets_version_check CHECK (version >= 1)
);

CREATE INDEX script_secrets_revision_idx ON script_secrets USING btree (tenant_id, revision);

CREATE TABLE script_statistics (
  hour timestamp with time zone NOT NULL,
  script_id uuid NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  writer integer NOT NULL,
  completed bigint NOT NULL,
  failed bigint NOT NULL,
  duration_ms double precision NOT NULL,
  queue_ms double precision NOT NULL,
  CONSTRAINT script_statistics_pkey PRIMARY KEY (hour, tenant_id, script_id, writer)
);

CREATE TABLE script_store (
  tenant_id text COLLATE "C" NOT NULL,
  scope text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  value json NOT NULL,
  bytes integer NOT NULL,
  revision bigint NOT NULL,
  expires_at timestamp with time zone,
  execution_id uuid,
  updated_by text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT script_store_pkey PRIMARY KEY (tenant_id, scope, key),
  CONSTRAINT script_store_bytes_check CHECK (bytes > 0),
  CONSTRAINT script_store_key_check CHECK (key <> ''::text),
  CONSTRAINT script_store_revision_check CHECK (revision > 0),
  CONSTRAINT script_store_scope_check CHECK (scope <> ''::text),
  CONSTRAINT script_store_tenant_id_check CHECK (tenant_id <> ''::text)
);

CREATE INDEX script_store_expiry_idx ON script_store USING btree (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE script_store_usage (
  tenant_id text COLLATE "C" NOT NULL,
  keys integer NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  revision bigint NOT NULL DEFAULT 0,
  turn_of uuid,
  turn_key text,
  turn_until timestamp with time zone,
  CONSTRAINT script_store_usage_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT script_store_usage_bytes_check CHECK (bytes >= 0),
  CONSTRAINT script_store_usage_keys_check CHECK (keys >= 0),
  CONSTRAINT script_store_usage_tenant_id_check CHECK (tenant_id <> ''::text)
);

CREATE TABLE script_variable_versions (
  tenant_id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  value jsonb,
  changed_by text,
  changed_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT script_variable_versions_pkey PRIMARY KEY (tenant_id, name, version),
  CONSTRAINT script_variable_versions_version_check CHECK (version >= 1)
);

CREATE INDEX script_variable_versions_age_idx ON script_variable_versions USING btree (tenant_id, changed_at DESC);

CREATE TABLE script_variables (
  tenant_id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  value jsonb NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_by text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_by text,
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  revision bigint NOT NULL,
  CONSTRAINT script_variables_pkey PRIMARY KEY (tenant_id, name),
  CONSTRAINT script_variables_name_check CHECK (name <> ''::text),
  CONSTRAINT script_variables_tenant_id_check CHECK (tenant_id <> ''::text),
  CONSTRAINT script_variables_version_check CHECK (version >= 1)
);

CREATE INDEX script_variables_revision_idx ON script_variables USING btree (tenant_id, revision);

CREATE TABLE script_versions (
  script_id uuid NOT NULL,
  version integer NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  source text NOT NULL,
  language text NOT NULL DEFAULT 'javascript'::text,
  compiled text,
  checksum text NOT NULL,
  created_by text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT script_versions_pkey PRIMARY KEY (script_id, version),
  CONSTRAINT script_versions_script_id_fkey FOREIGN KEY (script_id) REFERENCES scripts(id) ON DELETE CASCADE,
  CONSTRAINT script_versions_compiled_unless_javascript CHECK ((language = 'javascript'::text) = (compiled IS NULL)),
  CONSTRAINT script_versions_language_check CHECK (language = ANY (ARRAY['javascript'::text, 'typescript'::text])),
  CONSTRAINT script_versions_version_check CHECK (version >= 1)
);

CREATE TRIGGER script_versions_refuse_update BEFORE UPDATE ON script_versions FOR EACH ROW EXECUTE FUNCTION script_versions_refuse_update();

CREATE TABLE scripts (
  id uuid NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  description text,
  event_types text[] NOT NULL,
  filters jsonb,
  status text COLLATE "C" NOT NULL DEFAULT 'draft'::text,
  status_reason text,
  version integer NOT NULL DEFAULT 1,
  limits jsonb,
  bindings text[],
  max_concurrency integer,
  created_by text,
  updated_by text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  revision bigint NOT NULL,
  degraded boolean NOT NULL DEFAULT false,
  ordering_key text,
  on_ordered_failure text NOT NULL DEFAULT 'block'::text,
  runs_per_minute integer,
  secrets text[],
  schedules jsonb,
  CONSTRAINT scripts_pkey PRIMARY KEY (id),
  CONSTRAINT scripts_max_concurrency_check CHECK (max_concurrency >= 1),
  CONSTRAINT scripts_name_check CHECK (name <> ''::text),
  CONSTRAINT scripts_on_ordered_failure_check CHECK (on_ordered_failure = ANY (ARRAY['block'::text, 'skip'::text])),
  CONSTRAINT scripts_runs_for_something CHECK (cardinality(event_types) > 0 OR schedules IS NOT NULL),
  CONSTRAINT scripts_runs_per_minute_check CHECK (runs_per_minute >= 1),
  CONSTRAINT scripts_schedules_check CHECK (jsonb_array_length(schedules) > 0),
  CONSTRAINT scripts_status_check CHECK (status = ANY (ARRAY['draft'::text, 'active'::text, 'paused'::text, 'disabled'::text, 'archived'::text])),
  CONSTRAINT scripts_tenant_id_check CHECK (tenant_id <> ''::text),
  CONSTRAINT scripts_version_check CHECK (version >= 1)
);

CREATE INDEX scripts_active_idx ON scripts USING btree (tenant_id, id, revision) WHERE status = ANY (ARRAY['active'::text, 'disabled'::text]);
CREATE INDEX scripts_tenant_idx ON scripts USING btree (tenant_id, id DESC);
CREATE UNIQUE INDEX scripts_tenant_name_key ON scripts USING btree (tenant_id, name) WHERE status <> 'archived'::text;
CREATE INDEX scripts_unwell_idx ON scripts USING btree (tenant_id, id DESC) WHERE status = 'disabled'::text OR degraded;
CREATE TRIGGER scripts_mark_change BEFORE INSERT OR UPDATE ON scripts FOR EACH ROW EXECUTE FUNCTION scripts_mark_change();
CREATE TRIGGER scripts_notify_change AFTER INSERT OR DELETE OR UPDATE ON scripts FOR EACH ROW EXECUTE FUNCTION scripts_notify_change();
CREATE TRIGGER scripts_schedules_changed AFTER UPDATE ON scripts FOR EACH ROW WHEN (old.schedules IS DISTINCT FROM new.schedules OR new.schedules IS NOT NULL AND old.status IS DISTINCT FROM new.status) EXECUTE FUNCTION scripts_keep_schedules('script_schedules');
CREATE TRIGGER scripts_schedules_made AFTER INSERT ON scripts FOR EACH ROW WHEN (new.schedules IS NOT NULL) EXECUTE FUNCTION scripts_keep_schedules('script_schedules');

CREATE TABLE scripts_event_keys (
  tenant_id text COLLATE "C" NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  accepted_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT scripts_event_keys_pkey PRIMARY KEY (tenant_id, event_id)
);

CREATE INDEX scripts_event_keys_age_idx ON scripts_event_keys USING btree (accepted_at);

CREATE TABLE scripts_event_nodes (
  id text COLLATE "C" NOT NULL,
  queue text COLLATE "C" NOT NULL,
  started_at timestamp with time zone NOT NULL DEFAULT now(),
  seen_at timestamp with time zone NOT NULL DEFAULT now(),
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT scripts_event_nodes_pkey PRIMARY KEY (id)
);

CREATE TABLE scripts_event_ordered (
  id bigint NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  script_id text COLLATE "C" NOT NULL,
  order_key text COLLATE "C" NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  event json NOT NULL,
  on_failure text NOT NULL,
  state text COLLATE "C" NOT NULL DEFAULT 'waiting'::text,
  node_id text COLLATE "C",
  deliveries integer NOT NULL DEFAULT 0,
  nudged_at timestamp with time zone NOT NULL DEFAULT now(),
  since timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT scripts_event_ordered_pkey PRIMARY KEY (id),
  CONSTRAINT scripts_event_ordered_check CHECK ((state = 'running'::text) = (node_id IS NOT NULL)),
  CONSTRAINT scripts_event_ordered_on_failure_check CHECK (on_failure = ANY (ARRAY['block'::text, 'skip'::text])),
  CONSTRAINT scripts_event_ordered_state_check CHECK (state = ANY (ARRAY['waiting'::text, 'running'::text, 'blocked'::text]))
);

CREATE INDEX scripts_event_ordered_blocked_idx ON scripts_event_ordered USING btree (id) WHERE state = 'blocked'::text;
CREATE INDEX scripts_event_ordered_head_idx ON scripts_event_ordered USING btree (script_id, order_key, id);
CREATE INDEX scripts_event_ordered_node_idx ON scripts_event_ordered USING btree (node_id) WHERE node_id IS NOT NULL;
CREATE INDEX scripts_event_ordered_nudged_idx ON scripts_event_ordered USING btree (nudged_at) WHERE state = 'waiting'::text;
CREATE UNIQUE INDEX scripts_event_ordered_turn_key ON scripts_event_ordered USING btree (script_id, order_key) WHERE state <> 'waiting'::text;

CREATE TABLE scripts_event_rates (
  lane text COLLATE "C" NOT NULL,
  minute timestamp with time zone NOT NULL,
  used integer NOT NULL,
  CONSTRAINT scripts_event_rates_pkey PRIMARY KEY (lane)
);

CREATE TABLE scripts_event_slots (
  lane text COLLATE "C" NOT NULL,
  slot integer NOT NULL,
  node_id text COLLATE "C",
  taken_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT scripts_event_slots_pkey PRIMARY KEY (lane, slot)
);

CREATE INDEX scripts_event_slots_node_idx ON scripts_event_slots USING btree (node_id) WHERE node_id IS NOT NULL;

CREATE TABLE scripts_event_waiting (
  id bigint NOT NULL,
  queue text COLLATE "C" NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  script_id text COLLATE "C" NOT NULL,
  job json NOT NULL,
  reason text NOT NULL,
  due_at timestamp with time zone NOT NULL DEFAULT now(),
  since timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT scripts_event_waiting_pkey PRIMARY KEY (id),
  CONSTRAINT scripts_event_waiting_reason_check CHECK (reason = ANY (ARRAY['script-busy'::text, 'tenant-busy'::text, 'script-rate'::text, 'tenant-rate'::text]))
);

CREATE INDEX scripts_event_waiting_due_idx ON scripts_event_waiting USING btree (queue, script_id, due_at, id);

CREATE SEQUENCE scripts_event_fence_seq;

CREATE SEQUENCE scripts_event_ordered_id_seq;

CREATE SEQUENCE scripts_event_waiting_id_seq;

CREATE SEQUENCE scripts_revision_seq;

CREATE OR REPLACE FUNCTION script_versions_refuse_update()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    BEGIN
      RAISE EXCEPTION 'a script version is immutable: add a new one instead of changing version % of script %',
        OLD.version, OLD.script_id USING ERRCODE = 'restrict_violation';
    END $function$;

CREATE OR REPLACE FUNCTION scripts_keep_schedules()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    DECLARE
      live boolean := NEW.status = 'active';
      wanted jsonb := coalesce(NEW.schedules, '[]');
      path text := format('%I.%I', TG_TABLE_SCHEMA, TG_ARGV[0]);
    BEGIN
      EXECUTE format('DELETE FROM %s c WHERE c.script_id = $1 AND NOT EXISTS (
        SELECT FROM jsonb_array_elements($2) w WHERE w ->> ''cron'' = c.cron AND w ->> ''timezone'' = c.timezone)', path)
        USING NEW.id, wanted;
      EXECUTE format('INSERT INTO %s AS c (script_id, cron, timezone, tenant_id, definition, from_at, due_at)
        SELECT $1, w ->> ''cron'', w ->> ''timezone'', $3, w, clock_timestamp(), CASE WHEN $4 THEN clock_timestamp() END
          FROM jsonb_array_elements($2) w
        ON CONFLICT (script_id, cron, timezone) DO UPDATE SET
          definition = excluded.definition,
          from_at = CASE WHEN c.due_at IS NULL THEN excluded.from_at ELSE c.from_at END,
          next_at = CASE WHEN $4 AND c.due_at IS NOT NULL THEN c.next_at END,
          due_at = CASE WHEN $4 AND c.due_at IS NOT NULL THEN coalesce(c.next_at, excluded.due_at) ELSE excluded.due_at END,
          (open_event, open_for, open_until, open_by) = (SELECT c.open_event, c.open_for, c.open_until, c.open_by
            WHERE c.due_at IS NOT NULL OR c.open_until > clock_timestamp())',
        path) USING NEW.id, wanted, NEW.tenant_id, live;
      RETURN NULL;
    END $function$;

CREATE OR REPLACE FUNCTION scripts_mark_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    BEGIN
      NEW.revision := nextval(format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME || '_revision_seq')::regclass);
      NEW.updated_at := now();
      RETURN NEW;
    END $function$;

CREATE OR REPLACE FUNCTION scripts_notify_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    BEGIN
      PERFORM pg_notify(
        'scripts_event_' || left(md5(TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME), 16),
        CASE TG_OP WHEN 'DELETE' THEN OLD.id || ' ' || left(OLD.tenant_id, 500) ELSE NEW.id || ' ' || left(NEW.tenant_id, 500) END
      );
      RETURN NULL;
    END $function$;

import type { Names } from '../names.js';
import { KEY_TEXT } from './key-text.js';

/**
 * When each schedule of a script is looked at next. Times are the database's.
 *
 * A trigger updates the rows with every change of a script, whoever makes it: a script that is not active has no due
 * row. The trigger computes no times. The process that reads a row without `next_at` computes it, from `from_at` on.
 */
export const schedules = (names: Names): string[] => [...table(names), ...followers(names)];

function table(names: Names): string[] {
  const path = names.path('script_schedules');
  return [
    `CREATE TABLE ${path} (
      script_id uuid NOT NULL REFERENCES ${names.path('scripts')} (id) ON DELETE CASCADE,
      cron ${KEY_TEXT} NOT NULL,
      timezone ${KEY_TEXT} NOT NULL,
      tenant_id ${KEY_TEXT} NOT NULL,
      definition jsonb NOT NULL,
      from_at timestamptz NOT NULL,
      next_at timestamptz,
      due_at timestamptz,
      previous_at timestamptz,
      open_event text,
      open_for timestamptz,
      open_until timestamptz,
      open_by text,
      PRIMARY KEY (script_id, cron, timezone),
      CONSTRAINT ${names.own('script_schedules_open_whole')}
        CHECK (num_nulls(open_event, open_for, open_until) IN (0, 3))
    )`,
    // The time of the next due schedule.
    `CREATE INDEX ${names.own('script_schedules_due_idx')} ON ${path} (due_at) WHERE due_at IS NOT NULL`,
    // Due schedules, by tenant, so that tenants take turns.
    `CREATE INDEX ${names.own('script_schedules_tenant_due_idx')} ON ${path} (tenant_id, due_at)
      WHERE due_at IS NOT NULL`,
  ];
}

function followers(names: Names): string[] {
  const scripts = names.path('scripts');
  const keep = names.path('scripts_keep_schedules');
  // The trigger gets only the table's name. The schema is that of the scripts table, even after the schema is renamed.
  const argument = `'${names.plain('script_schedules').replaceAll("'", "''")}'`;
  return [
    `CREATE FUNCTION ${keep}() RETURNS trigger LANGUAGE plpgsql AS $$
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
    END $$`,
    `CREATE TRIGGER ${names.own('scripts_schedules_made')} AFTER INSERT ON ${scripts}
      FOR EACH ROW WHEN (NEW.schedules IS NOT NULL) EXECUTE FUNCTION ${keep}(${argument})`,
    `CREATE TRIGGER ${names.own('scripts_schedules_changed')} AFTER UPDATE ON ${scripts}
      FOR EACH ROW WHEN (OLD.schedules IS DISTINCT FROM NEW.schedules
        OR NEW.schedules IS NOT NULL AND OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION ${keep}(${argument})`,
  ];
}

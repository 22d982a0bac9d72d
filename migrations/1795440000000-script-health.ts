import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Names } from './names.js';

const REASONS = ['failed', 'overflow', 'shutdown', 'loop', 'paused', 'deleted'];

/** What the breaker knows of scripts that fail, and what it does about them. */
export class ScriptHealth1795440000000 implements MigrationInterface {
  readonly name = 'ScriptHealth1795440000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    const statements = [...scripts(names), ...health(names), ...reasons(names, [...REASONS, 'held'])];
    for (const statement of statements) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    const scriptsTable = names.path('scripts');
    const statements = [
      // The closest of the reasons there were.
      `UPDATE ${names.path('dead_letter_queue')} SET reason = 'paused' WHERE reason = 'held'`,
      ...reasons(names, REASONS),
      `DROP TABLE ${names.path('script_health')}`,
      `DROP INDEX ${names.path('scripts_unwell_idx')}`,
      `DROP INDEX ${names.path('scripts_active_idx')}`,
      `CREATE INDEX ${names.own('scripts_active_idx')} ON ${scriptsTable} (id, revision) WHERE status = 'active'`,
      `ALTER TABLE ${scriptsTable} DROP COLUMN degraded`,
    ];
    for (const statement of statements) await queryRunner.query(statement);
  }
}

function scripts(names: Names): string[] {
  const table = names.path('scripts');
  return [
    `ALTER TABLE ${table} ADD COLUMN degraded boolean NOT NULL DEFAULT false`,
    // The script index holds disabled scripts too: what comes for them is kept.
    `DROP INDEX ${names.path('scripts_active_idx')}`,
    `CREATE INDEX ${names.own('scripts_active_idx')} ON ${table} (id, revision)
      WHERE status IN ('active', 'disabled')`,
    // Those that somebody has to look at: few, however many scripts there are.
    `CREATE INDEX ${names.own('scripts_unwell_idx')} ON ${table} (tenant_id, id DESC)
      WHERE status = 'disabled' OR degraded`,
  ];
}

/** Without a foreign key: its lock on the script would meet that of a change of the script the other way round. */
function health(names: Names): string[] {
  const table = names.path('script_health');
  return [
    `CREATE TABLE ${table} (
      script_id uuid PRIMARY KEY,
      tenant_id text NOT NULL,
      version integer NOT NULL,
      window_started_at timestamptz,
      points double precision NOT NULL DEFAULT 0 CHECK (points >= 0),
      runs integer NOT NULL DEFAULT 0,
      failures integer NOT NULL DEFAULT 0,
      failures_by_kind jsonb NOT NULL DEFAULT '{}',
      ended_processes integer NOT NULL DEFAULT 0,
      last_failure jsonb,
      blame jsonb NOT NULL DEFAULT '{}',
      blame_total integer NOT NULL DEFAULT 0,
      blame_first_at timestamptz,
      blame_last_at timestamptz,
      blame_version integer,
      no_room integer NOT NULL DEFAULT 0,
      changes integer NOT NULL DEFAULT 0,
      changed_to text CHECK (changed_to IN ('degraded', 'disabled', 'resumed')),
      changed_at timestamptz,
      changed_by text,
      change_reason text,
      alerted_at timestamptz,
      alert_attempts jsonb NOT NULL DEFAULT '[]',
      alert_locked_by text,
      alert_locked_until timestamptz
    )`,
    // Which scripts of a tenant have ended processes, worst first.
    `CREATE INDEX ${names.own('script_health_blame_idx')} ON ${table} (tenant_id, blame_total DESC, script_id)
      WHERE blame_total > 0`,
    // Changes that nobody has been told of.
    `CREATE INDEX ${names.own('script_health_alert_idx')} ON ${table} (changed_at)
      WHERE changed_to IS NOT NULL AND alerted_at IS NULL`,
  ];
}

function reasons(names: Names, allowed: readonly string[]): string[] {
  const table = names.path('dead_letter_queue');
  const check = names.own('dead_letter_queue_reason_check');
  return [
    `ALTER TABLE ${table} DROP CONSTRAINT ${check}`,
    `ALTER TABLE ${table} ADD CONSTRAINT ${check}
      CHECK (reason IN (${allowed.map((reason) => `'${reason}'`).join(', ')}))`,
  ];
}

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Names } from './names.js';

/** One dead letter for what a loop comes to in a script, and alerts by script in turns over tenants. */
export class DeadLettersByCause1795460000000 implements MigrationInterface {
  readonly name = 'DeadLettersByCause1795460000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    const table = names.path('dead_letter_queue');
    const health = names.path('script_health');
    const statements = [
      `ALTER TABLE ${table}
        ADD COLUMN event_count integer NOT NULL DEFAULT 1
          CONSTRAINT ${names.own('dead_letter_queue_event_count_check')} CHECK (event_count >= 1),
        ADD COLUMN loop_root text,
        ADD COLUMN alert_count integer
          CONSTRAINT ${names.own('dead_letter_queue_alert_count_check')} CHECK (alert_count >= 1)`,
      // Rows of the version before have no root, and so may be many.
      `CREATE UNIQUE INDEX ${names.own('dead_letter_queue_loop_key')} ON ${table} (tenant_id, script_id, loop_root)
        WHERE reason = 'loop' AND loop_root IS NOT NULL`,
      // Exhausted ones that nobody has been told of: from tenant to tenant, from script to script.
      `DROP INDEX ${names.path('dead_letter_queue_alert_idx')}`,
      `CREATE INDEX ${names.own('dead_letter_queue_alert_idx')} ON ${table} (tenant_id, script_id, id)
        WHERE status = 'exhausted' AND alerted_at IS NULL`,
      // When somebody was last told of a script.
      `CREATE INDEX ${names.own('dead_letter_queue_alerted_idx')} ON ${table} (script_id, alerted_at)
        WHERE alerted_at IS NOT NULL`,
      `DROP INDEX ${names.path('script_health_alert_idx')}`,
      `CREATE INDEX ${names.own('script_health_alert_idx')} ON ${health} (tenant_id, changed_at)
        WHERE changed_to IS NOT NULL AND alerted_at IS NULL`,
    ];
    for (const statement of statements) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    const table = names.path('dead_letter_queue');
    const health = names.path('script_health');
    const statements = [
      `DROP INDEX ${names.path('script_health_alert_idx')}`,
      `CREATE INDEX ${names.own('script_health_alert_idx')} ON ${health} (changed_at)
        WHERE changed_to IS NOT NULL AND alerted_at IS NULL`,
      `DROP INDEX ${names.path('dead_letter_queue_alerted_idx')}`,
      `DROP INDEX ${names.path('dead_letter_queue_alert_idx')}`,
      `CREATE INDEX ${names.own('dead_letter_queue_alert_idx')} ON ${table} (id)
        WHERE status = 'exhausted' AND alerted_at IS NULL`,
      `DROP INDEX ${names.path('dead_letter_queue_loop_key')}`,
      `ALTER TABLE ${table} DROP COLUMN event_count, DROP COLUMN loop_root, DROP COLUMN alert_count`,
    ];
    for (const statement of statements) await queryRunner.query(statement);
  }
}

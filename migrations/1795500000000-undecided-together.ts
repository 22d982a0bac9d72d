import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Names } from './names.js';

/** One dead letter for an event and all scripts whose filters could not decide whether it concerns them. */
export class UndecidedTogether1795500000000 implements MigrationInterface {
  readonly name = 'UndecidedTogether1795500000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    const table = names.path('dead_letter_queue');
    await queryRunner.query(`ALTER TABLE ${table} ADD COLUMN other_script_ids uuid[]
      CONSTRAINT ${names.own('dead_letter_queue_other_script_ids_check')} CHECK (cardinality(other_script_ids) > 0)`);
    // What stands for a script among others, beside the index of what is its own.
    await queryRunner.query(`CREATE INDEX ${names.own('dead_letter_queue_of_many_idx')} ON ${table} (tenant_id, id DESC)
      WHERE other_script_ids IS NOT NULL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    const table = names.path('dead_letter_queue');
    // Each script keeps its own: the columns are those that the version before knows.
    await queryRunner.query(`INSERT INTO ${table} (id, tenant_id, script_id, script_version, event_id, event_type, event_data,
        occurred_at, actor_id, cause, reason, error, error_kind, status, retry_count, max_retries, next_retry_at, attempts,
        alerted_at, resolved_at, resolved_by, note, created_at, updated_at)
      SELECT gen_random_uuid(), tenant_id, o.script_id, script_version, event_id, event_type, event_data,
        occurred_at, actor_id, cause, reason, error, error_kind, status, retry_count, max_retries, next_retry_at, attempts,
        alerted_at, resolved_at, resolved_by, note, created_at, updated_at
      FROM ${table} d CROSS JOIN LATERAL unnest(d.other_script_ids) AS o (script_id)`);
    await queryRunner.query(`UPDATE ${table} SET event_count = 1 WHERE other_script_ids IS NOT NULL`);
    await queryRunner.query(`ALTER TABLE ${table} DROP COLUMN other_script_ids`);
  }
}

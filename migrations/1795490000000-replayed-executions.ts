import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Names } from './names.js';

/** Past executions run again: who asked for it, and which one it was. */
export class ReplayedExecutions1795490000000 implements MigrationInterface {
  readonly name = 'ReplayedExecutions1795490000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    const table = names.path('script_executions');
    await queryRunner.query(`ALTER TABLE ${table} ADD COLUMN requested_by text, ADD COLUMN replay_of uuid`);
    await queryRunner.query(
      `CREATE INDEX ${names.own('script_executions_replay_idx')} ON ${table} (tenant_id, replay_of, id DESC)
        WHERE replay_of IS NOT NULL`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    await queryRunner.query(`DROP INDEX ${names.path('script_executions_replay_idx')}`);
    await queryRunner.query(
      `ALTER TABLE ${names.path('script_executions')} DROP COLUMN requested_by, DROP COLUMN replay_of`,
    );
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Names } from './names.js';

/** One script runs to completion once for one event, whatever nodes believe and however often it is delivered. */
export class CompleteOnce1795420000000 implements MigrationInterface {
  readonly name = 'CompleteOnce1795420000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    // The host's own calls may repeat an event on purpose.
    await queryRunner.query(
      `CREATE UNIQUE INDEX ${names.own('script_executions_completion_key')}
        ON ${names.path('script_executions')} (tenant_id, event_id, script_id)
        WHERE status = 'completed' AND trigger <> 'manual'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    await queryRunner.query(`DROP INDEX ${names.path('script_executions_completion_key')}`);
  }
}

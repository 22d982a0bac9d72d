import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Names } from './names.js';

/** Scripts may ask for order by a field of the payload, and for a number of runs per minute. */
export class OrderingAndRates1795450000000 implements MigrationInterface {
  readonly name = 'OrderingAndRates1795450000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    await queryRunner.query(
      `ALTER TABLE ${names.path('scripts')}
        ADD COLUMN ordering_key text,
        ADD COLUMN on_ordered_failure text NOT NULL DEFAULT 'block'
          CONSTRAINT ${names.own('scripts_on_ordered_failure_check')} CHECK (on_ordered_failure IN ('block', 'skip')),
        ADD COLUMN runs_per_minute integer
          CONSTRAINT ${names.own('scripts_runs_per_minute_check')} CHECK (runs_per_minute >= 1)`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    await queryRunner.query(
      `ALTER TABLE ${names.path('scripts')}
        DROP COLUMN ordering_key, DROP COLUMN on_ordered_failure, DROP COLUMN runs_per_minute`,
    );
  }
}

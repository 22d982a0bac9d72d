import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Names } from './names.js';

const REASONS = ['failed', 'overflow', 'shutdown', 'loop', 'paused', 'deleted', 'held'];

/** Events are kept of which a script's filter could not decide whether they concern it. */
export class UndecidedEvents1795480000000 implements MigrationInterface {
  readonly name = 'UndecidedEvents1795480000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    for (const statement of reasons(names, [...REASONS, 'undecided'])) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    // The closest of the reasons there were: neither is retried.
    const table = names.path('dead_letter_queue');
    await queryRunner.query(`UPDATE ${table} SET reason = 'loop' WHERE reason = 'undecided'`);
    for (const statement of reasons(names, REASONS)) await queryRunner.query(statement);
  }
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

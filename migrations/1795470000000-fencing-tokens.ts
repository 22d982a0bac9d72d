import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Names } from './names.js';

/** Numbers for whoever takes a queued event or a dead letter to run it: a later holder has a greater one. */
export class FencingTokens1795470000000 implements MigrationInterface {
  readonly name = 'FencingTokens1795470000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    await queryRunner.query(`CREATE SEQUENCE ${names.path('scripts_event_fence_seq')}`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    await queryRunner.query(`DROP SEQUENCE ${names.path('scripts_event_fence_seq')}`);
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Names } from './names.js';
import { deadLetters } from './tables/dead-letters.js';
import { DURABLE_BUFFER_TABLES, durableBuffer } from './tables/durable-buffer.js';
import { executions } from './tables/executions.js';
import { scriptHealth } from './tables/script-health.js';
import { schedules } from './tables/schedules.js';
import { scripts } from './tables/scripts.js';
import { statistics } from './tables/statistics.js';
import { store } from './tables/store.js';
import { tenantValues } from './tables/tenant-values.js';

const TABLES = [
  ...DURABLE_BUFFER_TABLES.map((table) => `scripts_event_${table}`),
  'script_store_usage',
  'script_store',
  'script_variable_versions',
  'script_variables',
  'script_secrets',
  'script_schedules',
  'script_health',
  'dead_letter_queue',
  'script_executions',
  'script_statistics',
  'script_versions',
  'scripts',
];
const FUNCTIONS = [
  'scripts_keep_schedules',
  'script_versions_refuse_update',
  'scripts_notify_change',
  'scripts_mark_change',
];

/** All tables of version 0.1. */
export class CreateScriptsEvent1795392000000 implements MigrationInterface {
  readonly name = 'CreateScriptsEvent1795392000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    for (const part of [
      scripts,
      schedules,
      executions,
      statistics,
      deadLetters,
      scriptHealth,
      durableBuffer,
      tenantValues,
      store,
    ]) {
      for (const statement of part(names)) await queryRunner.query(statement);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    await queryRunner.query(`DROP SEQUENCE ${names.path('scripts_event_fence_seq')}`);
    for (const table of TABLES) await queryRunner.query(`DROP TABLE ${names.path(table)}`);
    for (const name of FUNCTIONS) await queryRunner.query(`DROP FUNCTION ${names.path(name)}()`);
  }
}

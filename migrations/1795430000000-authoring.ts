import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Names } from './names.js';

/** The language of versions, and what test runs need: their trigger, and the events of past executions. */
export class Authoring1795430000000 implements MigrationInterface {
  readonly name = 'Authoring1795430000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    for (const statement of [addLanguage(names), ...addTests(names)]) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    for (const statement of [...dropTests(names), ...dropLanguage(names)]) await queryRunner.query(statement);
  }
}

/** No row is rewritten: every version there is was written in the default. */
function addLanguage(names: Names): string {
  return `ALTER TABLE ${names.path('script_versions')}
    ADD COLUMN language text NOT NULL DEFAULT 'javascript' CHECK (language IN ('javascript', 'typescript')),
    ADD COLUMN compiled text,
    ADD CONSTRAINT ${names.own('script_versions_compiled_unless_javascript')}
      CHECK ((language = 'javascript') = (compiled IS NULL))`;
}

/** A version stays what ran, under its number: what the older schema cannot say is kept as the JavaScript it was. */
function dropLanguage(names: Names): string[] {
  const table = names.path('script_versions');
  const trigger = names.own('script_versions_refuse_update');
  return [
    `ALTER TABLE ${table} DISABLE TRIGGER ${trigger}`,
    `UPDATE ${table} SET source = compiled, checksum = encode(sha256(convert_to(compiled, 'UTF8')), 'hex')
      WHERE compiled IS NOT NULL`,
    `ALTER TABLE ${table} ENABLE TRIGGER ${trigger}`,
    `ALTER TABLE ${table} DROP COLUMN compiled, DROP COLUMN language`,
  ];
}

const TRIGGERS = ['event', 'retry', 'replay', 'manual'];

/** The event's time, actor and depth cost little and are always kept; the input only where the host asks for it. */
function addTests(names: Names): string[] {
  const table = names.path('script_executions');
  return [
    `ALTER TABLE ${table}
      ADD COLUMN occurred_at timestamptz,
      ADD COLUMN actor_id text,
      ADD COLUMN depth integer,
      ADD COLUMN input jsonb`,
    ...triggersAre(names, [...TRIGGERS, 'test'], ['manual', 'test']),
  ];
}

function dropTests(names: Names): string[] {
  const table = names.path('script_executions');
  return [
    `DELETE FROM ${table} WHERE trigger = 'test'`,
    ...triggersAre(names, TRIGGERS, ['manual']),
    `ALTER TABLE ${table} DROP COLUMN input, DROP COLUMN depth, DROP COLUMN actor_id, DROP COLUMN occurred_at`,
  ];
}

const list = (words: string[]): string => words.map((word) => `'${word}'`).join(', ');

/** @param repeatable triggers under which one script may complete twice for one event */
function triggersAre(names: Names, triggers: string[], repeatable: string[]): string[] {
  const table = names.path('script_executions');
  const check = names.own('script_executions_trigger_check');
  return [
    `ALTER TABLE ${table} DROP CONSTRAINT ${check}`,
    `ALTER TABLE ${table} ADD CONSTRAINT ${check} CHECK (trigger IN (${list(triggers)}))`,
    `DROP INDEX ${names.path('script_executions_completion_key')}`,
    `CREATE UNIQUE INDEX ${names.own('script_executions_completion_key')}
      ON ${table} (tenant_id, event_id, script_id)
      WHERE status = 'completed' AND trigger NOT IN (${list(repeatable)})`,
  ];
}

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Names } from './names.js';

/** What a version is written in, and what runs when that is not JavaScript. */
export class Authoring1795430000000 implements MigrationInterface {
  readonly name = 'Authoring1795430000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    for (const statement of [addLanguage(names)]) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const names = await Names.of(queryRunner);
    for (const statement of dropLanguage(names)) await queryRunner.query(statement);
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

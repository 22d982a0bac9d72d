import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** @publicApi */
export const SCRIPT_LANGUAGES = ['javascript', 'typescript'] as const;

/** What a script is written in. @publicApi */
export type ScriptLanguage = (typeof SCRIPT_LANGUAGES)[number];

/**
 * One version of a script's source. It never changes: a trigger refuses updates, so an execution's line numbers and a
 * dead letter's version always refer to the text that ran. Versions are deleted with their script.
 *
 * @publicApi
 */
@Entity({ name: 'script_versions', synchronize: false })
export class ScriptVersionEntity {
  @PrimaryColumn({ name: 'script_id', type: 'uuid' })
  scriptId!: string;

  /** 1 for the first, one more for each change of the source. */
  @PrimaryColumn({ name: 'version', type: 'integer' })
  version!: number;

  @Column({ name: 'tenant_id', type: 'text', collation: 'C' })
  tenantId!: string;

  @Column({ name: 'language', type: 'text', default: 'javascript' })
  language!: ScriptLanguage;

  /** The source as its author wrote it. */
  @Column({ name: 'source', type: 'text' })
  source!: string;

  /** The JavaScript that runs, for a TypeScript source, with the same lines and columns. `null` for JavaScript. */
  @Column({ name: 'compiled', type: 'text', nullable: true })
  compiled!: string | null;

  /** SHA-256 of the source in UTF-8, hexadecimal. */
  @Column({ name: 'checksum', type: 'text' })
  checksum!: string;

  @Column({ name: 'created_by', type: 'text', nullable: true })
  createdBy!: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}

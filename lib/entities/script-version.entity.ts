import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/**
 * One version of a script's source. Immutable: a trigger refuses updates, so an execution's line numbers and a dead
 * letter's version always mean the text that ran. Versions go when their script is deleted.
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

  @Column({ name: 'tenant_id', type: 'text' })
  tenantId!: string;

  @Column({ name: 'source', type: 'text' })
  source!: string;

  /** SHA-256 of the source in UTF-8, hexadecimal. */
  @Column({ name: 'checksum', type: 'text' })
  checksum!: string;

  @Column({ name: 'created_by', type: 'text', nullable: true })
  createdBy!: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}

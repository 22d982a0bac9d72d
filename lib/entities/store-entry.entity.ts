import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { JsonValue } from '../common/json.js';

/**
 * What a tenant's scripts remember under one key. Runs change it when they complete, and {@link ScriptStoreService}.
 *
 * @publicApi
 */
@Entity({ name: 'script_store', synchronize: false })
export class StoreEntryEntity {
  @PrimaryColumn({ name: 'tenant_id', type: 'text' })
  tenantId!: string;

  /** The id of the script whose own it is, or `tenant` for what all scripts of the tenant share. */
  @PrimaryColumn({ name: 'scope', type: 'text' })
  scope!: string;

  @PrimaryColumn({ name: 'key', type: 'text', collation: 'C' })
  key!: string;

  /** Kept as it was written: the order of fields too. */
  @Column({ name: 'value', type: 'json' })
  value!: JsonValue;

  /** Bytes of key and value, as the quota counts them. */
  @Column({ name: 'bytes', type: 'integer' })
  bytes!: number;

  /** Grows with every change of the tenant's store. Text, because it has 64 bits. */
  @Column({ name: 'revision', type: 'bigint' })
  revision!: string;

  /** From then on it is not there for anybody. `null`: never. */
  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt!: Date | null;

  /** The execution that wrote it last; `null`: the host did. */
  @Column({ name: 'execution_id', type: 'uuid', nullable: true })
  executionId!: string | null;

  /** Who had the host write it last; `null`: an execution did. */
  @Column({ name: 'updated_by', type: 'text', nullable: true })
  updatedBy!: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;
}

import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { JsonValue } from '../common/json.js';

/**
 * One key of a tenant's store with its value. Runs change it when they complete; {@link ScriptStoreService} changes it
 * too.
 *
 * @publicApi
 */
@Entity({ name: 'script_store', synchronize: false })
export class StoreEntryEntity {
  @PrimaryColumn({ name: 'tenant_id', type: 'text', collation: 'C' })
  tenantId!: string;

  /** The id of the script that owns the store, or `tenant` for the store that all scripts of the tenant share. */
  @PrimaryColumn({ name: 'scope', type: 'text', collation: 'C' })
  scope!: string;

  @PrimaryColumn({ name: 'key', type: 'text', collation: 'C' })
  key!: string;

  /** Kept as it was written, including the order of fields. */
  @Column({ name: 'value', type: 'json' })
  value!: JsonValue;

  /** Bytes of key and value, as the quota counts them. */
  @Column({ name: 'bytes', type: 'integer' })
  bytes!: number;

  /** Grows with every change of the tenant's store. Text, because it has 64 bits. */
  @Column({ name: 'revision', type: 'bigint' })
  revision!: string;

  /** When the key expires. `null`: it doesn't expire. */
  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt!: Date | null;

  /** The execution that last wrote it. `null`: the host wrote it. */
  @Column({ name: 'execution_id', type: 'uuid', nullable: true })
  executionId!: string | null;

  /** The actor for whom the host last wrote it. `null`: an execution wrote it. */
  @Column({ name: 'updated_by', type: 'text', nullable: true })
  updatedBy!: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;
}

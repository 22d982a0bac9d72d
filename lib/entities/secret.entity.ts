import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/**
 * A tenant's secret. Its value is stored sealed, and only this package opens it; {@link SecretService} changes it.
 *
 * @publicApi
 */
@Entity({ name: 'script_secrets', synchronize: false })
export class SecretEntity {
  @PrimaryColumn({ name: 'tenant_id', type: 'text', collation: 'C' })
  tenantId!: string;

  /** Unique for the tenant. */
  @PrimaryColumn({ name: 'name', type: 'text', collation: 'C' })
  name!: string;

  /** The id of the key that the value is sealed with. */
  @Column({ name: 'key_id', type: 'text' })
  keyId!: string;

  /** The value as the cipher sealed it, for this tenant and this name only. */
  @Column({ name: 'sealed', type: 'text' })
  sealed!: string;

  /** 1 for the first value, one more for each replacement. */
  @Column({ name: 'version', type: 'integer', default: 1 })
  version!: number;

  @Column({ name: 'description', type: 'text', nullable: true })
  description!: string | null;

  /** Hosts that `http.fetch` may send it to. */
  @Column({ name: 'hosts', type: 'text', array: true, default: [] })
  hosts!: string[];

  /** Bindings that may get its value. */
  @Column({ name: 'bindings', type: 'text', array: true, default: [] })
  bindings!: string[];

  @Column({ name: 'created_by', type: 'text', nullable: true })
  createdBy!: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  /** Who last changed the secret. */
  @Column({ name: 'updated_by', type: 'text', nullable: true })
  updatedBy!: string | null;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;

  /** Who set the current value. */
  @Column({ name: 'value_set_by', type: 'text', nullable: true })
  valueSetBy!: string | null;

  @Column({ name: 'value_set_at', type: 'timestamptz', default: () => 'now()' })
  valueSetAt!: Date;

  /** When a script last used it, to the minute. `null`: never. */
  @Column({ name: 'last_used_at', type: 'timestamptz', nullable: true })
  lastUsedAt!: Date | null;

  /** Grows with every change except of `lastUsedAt`. Text, because it has 64 bits. */
  @Column({ name: 'revision', type: 'bigint', insert: false, update: false })
  revision!: string;
}

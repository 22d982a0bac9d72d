import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { JsonValue } from '../common/json.js';

/**
 * A tenant's variable: a plain value that its scripts read. {@link VariableService} changes it.
 *
 * @publicApi
 */
@Entity({ name: 'script_variables', synchronize: false })
export class VariableEntity {
  @PrimaryColumn({ name: 'tenant_id', type: 'text', collation: 'C' })
  tenantId!: string;

  /** Unique for the tenant. */
  @PrimaryColumn({ name: 'name', type: 'text', collation: 'C' })
  name!: string;

  @Column({ name: 'value', type: 'jsonb' })
  value!: JsonValue;

  /** 1 for the first value, one more for each change. */
  @Column({ name: 'version', type: 'integer', default: 1 })
  version!: number;

  @Column({ name: 'created_by', type: 'text', nullable: true })
  createdBy!: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'updated_by', type: 'text', nullable: true })
  updatedBy!: string | null;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;

  /** Grows with every change. Text, because it has 64 bits. */
  @Column({ name: 'revision', type: 'bigint', insert: false, update: false })
  revision!: string;
}

/**
 * One version of a variable. Each change adds a row; rows never change.
 *
 * @publicApi
 */
@Entity({ name: 'script_variable_versions', synchronize: false })
export class VariableVersionEntity {
  @PrimaryColumn({ name: 'tenant_id', type: 'text', collation: 'C' })
  tenantId!: string;

  @PrimaryColumn({ name: 'name', type: 'text', collation: 'C' })
  name!: string;

  @PrimaryColumn({ name: 'version', type: 'integer' })
  version!: number;

  /** `null` in the database, and left out of lists, if this change deleted the variable. */
  @Column({ name: 'value', type: 'jsonb', nullable: true })
  value!: JsonValue;

  @Column({ name: 'changed_by', type: 'text', nullable: true })
  changedBy!: string | null;

  @CreateDateColumn({ name: 'changed_at', type: 'timestamptz' })
  changedAt!: Date;
}

import type { DataSource } from 'typeorm';
import type { JsonValue } from '../common/json.js';
import { isoTime } from '../common/sql-types.js';
import { EntityRows } from '../entities/entity-rows.js';
import { VariableEntity, VariableVersionEntity } from '../entities/index.js';
import { PrimaryDatabase, type Statements } from '../entities/primary-database.js';
import { tablePath } from '../entities/table-path.js';
import { TypeOrmTenantRows } from '../nodes/typeorm-tenant-rows.js';
import { TooManyVariablesError, VariableChangedError } from './variable.errors.js';
import { type HeldVariable, VariableRepository } from './variable.repository.js';
import type { DeletedVariable, Variable, VariableVersion } from './variable.types.js';

const VARIABLES = new EntityRows(VariableEntity);
const SHOWN = [
  'tenantId',
  'name',
  'value',
  'version',
  'createdBy',
  'createdAt',
  'updatedBy',
  'updatedAt',
] as const satisfies readonly (keyof Variable)[];
const HELD = `tenant_id AS "tenantId", name, value::text AS text, revision::text`;

/**
 * How many versions are kept of one variable, and of all variables of a tenant. With 50 changes a day, 10,000 last
 * 200 days.
 */
const VERSIONS_OF_ONE = 100;
const VERSIONS_OF_TENANT = 10_000;
const LISTED_DELETED = 200;

/** The limits that concern variables. */
export interface VariableLimits {
  tenantVariables: number;
  tenantVariableBytes: number;
}

/** Variables in PostgreSQL, with their earlier versions. */
export class TypeOrmVariableRepository extends VariableRepository {
  readonly rows: TypeOrmTenantRows<HeldVariable>;
  private readonly primary: PrimaryDatabase;

  constructor(
    private readonly dataSource: DataSource,
    private readonly limits: VariableLimits,
  ) {
    super();
    this.primary = new PrimaryDatabase(dataSource);
    this.rows = new TypeOrmTenantRows(dataSource, VariableEntity, HELD);
  }

  set(
    tenantId: string,
    values: Readonly<Record<string, JsonValue>>,
    by: string | null,
    base: Readonly<Record<string, number>>,
  ): Promise<Variable[]> {
    const names = Object.keys(values);
    const texts = names.map((name) => JSON.stringify(values[name]));
    return this.primary.transaction(async (statements) => {
      await this.takeTurn(statements, tenantId);
      for (const [name, version] of Object.entries(base))
        await this.refuseChanged(statements, tenantId, name, version);
      // A deleted variable continues with its next version, because its earlier versions are still there.
      const changed = await statements.query<{ name: string }>(
        `INSERT INTO ${this.variables} AS v (tenant_id, name, value, version, created_by, updated_by, revision)
          SELECT $1, n.name, n.value::jsonb,
              1 + coalesce((SELECT max(o.version) FROM ${this.versionsTable} o
                WHERE o.tenant_id = $1 AND o.name = n.name), 0), $4, $4, ${this.rows.nextRevision}
            FROM unnest($2::text[], $3::text[]) AS n (name, value)
          ON CONFLICT (tenant_id, name) DO UPDATE SET value = excluded.value, version = v.version + 1,
              updated_by = excluded.updated_by, updated_at = now(), revision = excluded.revision
            WHERE v.value IS DISTINCT FROM excluded.value OR v.value::text <> excluded.value::text
          RETURNING v.name`,
        [tenantId, names, texts, by],
      );
      await this.refuseTooMany(statements, tenantId);
      await statements.query(
        `INSERT INTO ${this.versionsTable} (tenant_id, name, version, value, changed_by)
          SELECT tenant_id, name, version, value, updated_by FROM ${this.variables}
            WHERE tenant_id = $1 AND name = ANY ($2::text[])`,
        [tenantId, changed.map(({ name }) => name)],
      );
      await this.forgetOldest(statements, tenantId, names);
      return this.read(statements, tenantId, names);
    });
  }

  delete(tenantId: string, name: string, by: string | null, base: number | undefined): Promise<boolean> {
    return this.primary.transaction(async (statements) => {
      await this.takeTurn(statements, tenantId);
      if (base !== undefined) await this.refuseChanged(statements, tenantId, name, base);
      const [row] = await statements.query<{ version: number }>(
        `DELETE FROM ${this.variables} WHERE tenant_id = $1 AND name = $2 RETURNING version`,
        [tenantId, name],
      );
      if (!row) return false;
      await statements.query(
        `INSERT INTO ${this.versionsTable} (tenant_id, name, version, value, changed_by)
          VALUES ($1, $2, $3::int, NULL, $4)`,
        [tenantId, name, row.version + 1, by],
      );
      await this.forgetOldest(statements, tenantId, [name]);
      return true;
    });
  }

  async find(tenantId: string, name: string): Promise<Variable | null> {
    return (await this.read(this.primary, tenantId, [name]))[0] ?? null;
  }

  async list(tenantId: string): Promise<Variable[]> {
    const rows = await this.primary.look<object>(
      `SELECT ${VARIABLES.columns('v', SHOWN)} FROM ${this.variables} v WHERE tenant_id = $1 ORDER BY name`,
      [tenantId],
    );
    return rows.map((row) => VARIABLES.valuesOf<Variable>(row));
  }

  async deleted(tenantId: string): Promise<DeletedVariable[]> {
    const rows = await this.primary.look<Omit<DeletedVariable, 'deletedAt'> & { deletedAt: string }>(
      `SELECT o.name, o.version, o.changed_by AS "deletedBy", ${isoTime('o.changed_at')} AS "deletedAt"
        FROM ${this.versionsTable} o WHERE o.tenant_id = $1 AND o.value IS NULL
          AND NOT EXISTS (SELECT FROM ${this.variables} v WHERE v.tenant_id = $1 AND v.name = o.name)
          AND NOT EXISTS (SELECT FROM ${this.versionsTable} n
            WHERE n.tenant_id = $1 AND n.name = o.name AND n.version > o.version)
        ORDER BY o.changed_at DESC, o.name LIMIT $2::int`,
      [tenantId, LISTED_DELETED],
    );
    return rows.map(({ deletedAt, ...one }) => ({ ...one, deletedAt: new Date(deletedAt) }));
  }

  async versions(tenantId: string, name: string): Promise<VariableVersion[]> {
    const rows = await this.primary.look<{
      version: number;
      text: string | null;
      changedBy: string | null;
      changedAt: string;
    }>(
      `SELECT version, value::text AS text, changed_by AS "changedBy", ${isoTime('changed_at')} AS "changedAt"
        FROM ${this.versionsTable} WHERE tenant_id = $1 AND name = $2 ORDER BY version DESC LIMIT $3::int`,
      [tenantId, name, VERSIONS_OF_ONE],
    );
    return rows.map(({ version, text, changedBy, changedAt }) => ({
      name,
      version,
      ...(text === null ? {} : { value: JSON.parse(text) as JsonValue }),
      deleted: text === null,
      changedBy,
      changedAt: new Date(changedAt),
    }));
  }

  /**
   * Locks the tenant's variables until the transaction ends, so that changes are made one after the other and limits
   * are checked against current numbers.
   */
  private async takeTurn(statements: Statements, tenantId: string): Promise<void> {
    await statements.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `${this.variables} ${tenantId}`,
    ]);
  }

  private async refuseChanged(
    statements: Statements,
    tenantId: string,
    name: string,
    base: number,
  ): Promise<void> {
    const [row] = await statements.query<{ version: number }>(
      `SELECT version FROM ${this.variables} WHERE tenant_id = $1 AND name = $2`,
      [tenantId, name],
    );
    const version = row?.version ?? 0;
    if (version !== base) throw new VariableChangedError(name, version);
  }

  private async refuseTooMany(statements: Statements, tenantId: string): Promise<void> {
    const [row] = await statements.query<{ count: number; bytes: string }>(
      `SELECT count(*)::int AS count, coalesce(sum(octet_length(name) + octet_length(value::text)), 0)::bigint AS bytes
        FROM ${this.variables} WHERE tenant_id = $1`,
      [tenantId],
    );
    const { tenantVariables, tenantVariableBytes } = this.limits;
    if (row && row.count > tenantVariables)
      throw new TooManyVariablesError(
        tenantId,
        `limits.tenantVariables = ${tenantVariables} (EVENT_LIMITS_TENANT_VARIABLES)`,
      );
    if (row && Number(row.bytes) > tenantVariableBytes)
      throw new TooManyVariablesError(
        tenantId,
        `limits.tenantVariableBytes = ${tenantVariableBytes} (EVENT_LIMITS_TENANT_VARIABLE_BYTES)`,
      );
  }

  private async forgetOldest(
    statements: Statements,
    tenantId: string,
    names: readonly string[],
  ): Promise<void> {
    await statements.query(
      `DELETE FROM ${this.versionsTable} o USING (
          SELECT name, max(version) AS newest FROM ${this.versionsTable}
            WHERE tenant_id = $1 AND name = ANY ($2::text[]) GROUP BY name
        ) AS n WHERE o.tenant_id = $1 AND o.name = n.name AND o.version <= n.newest - $3::int`,
      [tenantId, names, VERSIONS_OF_ONE],
    );
    await statements.query(
      `DELETE FROM ${this.versionsTable} WHERE tenant_id = $1 AND changed_at < (
          SELECT changed_at FROM ${this.versionsTable} WHERE tenant_id = $1
            ORDER BY changed_at DESC OFFSET $2::int LIMIT 1
        )`,
      [tenantId, VERSIONS_OF_TENANT],
    );
  }

  private async read(
    statements: Statements,
    tenantId: string,
    names: readonly string[],
  ): Promise<Variable[]> {
    const rows = await statements.query<object>(
      `SELECT ${VARIABLES.columns('v', SHOWN)} FROM ${this.variables} v
        WHERE tenant_id = $1 AND name = ANY ($2::text[]) ORDER BY name`,
      [tenantId, names],
    );
    return rows.map((row) => VARIABLES.valuesOf<Variable>(row));
  }

  private get variables(): string {
    return tablePath(this.dataSource, VariableEntity);
  }

  private get versionsTable(): string {
    return tablePath(this.dataSource, VariableVersionEntity);
  }
}

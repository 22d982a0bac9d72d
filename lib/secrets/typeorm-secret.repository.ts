import type { DataSource } from 'typeorm';
import { sqlStateOf, UNIQUE_VIOLATION } from '../common/database-failure.js';
import { EntityRows } from '../entities/entity-rows.js';
import { SecretEntity } from '../entities/index.js';
import { PrimaryDatabase } from '../entities/primary-database.js';
import { tablePath } from '../entities/table-path.js';
import { TypeOrmTenantRows } from '../nodes/typeorm-tenant-rows.js';
import { DuplicateSecretError, TooManySecretsError } from './secret.errors.js';
import {
  type NewSecret,
  type SealedSecret,
  type SecretChange,
  type SecretId,
  SecretRepository,
} from './secret.repository.js';
import type { SecretSummary } from './secret.types.js';

const SECRETS = new EntityRows(SecretEntity);
const SUMMARY = [
  'tenantId',
  'name',
  'version',
  'description',
  'hosts',
  'bindings',
  'createdBy',
  'createdAt',
  'updatedBy',
  'updatedAt',
  'valueSetBy',
  'valueSetAt',
  'lastUsedAt',
] as const satisfies readonly (keyof SecretSummary)[];
const HELD = `tenant_id AS "tenantId", name, key_id AS "keyId", sealed, version, to_json(hosts) AS hosts,
  to_json(bindings) AS bindings, revision::text`;

/** Secrets in PostgreSQL, sealed. */
export class TypeOrmSecretRepository extends SecretRepository {
  readonly rows: TypeOrmTenantRows<SealedSecret>;
  private readonly primary: PrimaryDatabase;

  /** @param tenantSecrets `limits.tenantSecrets` */
  constructor(
    private readonly dataSource: DataSource,
    private readonly tenantSecrets: number,
  ) {
    super();
    this.primary = new PrimaryDatabase(dataSource);
    this.rows = new TypeOrmTenantRows(dataSource, SecretEntity, HELD);
  }

  async create(secret: NewSecret): Promise<SecretSummary> {
    const { tenantId, name, createdBy } = secret;
    const row = { ...secret, updatedBy: createdBy, valueSetBy: createdBy };
    const { names, places, parameters } = SECRETS.assignments(row);
    return this.primary.transaction(async (statements) => {
      // Inserts of a tenant wait for each other, so that the second one counts the row of the first.
      await statements.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
        `${this.table} ${tenantId}`,
      ]);
      const [count] = await statements.query<{ full: boolean }>(
        `SELECT count(*) >= $2::int AS full FROM ${this.table} WHERE tenant_id = $1`,
        [tenantId, this.tenantSecrets],
      );
      if (count?.full) throw new TooManySecretsError(tenantId, this.tenantSecrets);
      try {
        const rows = await statements.query<object>(
          `INSERT INTO ${this.table} AS s (${names.join(', ')}, revision)
              VALUES (${places.join(', ')}, ${this.rows.nextRevision})
            RETURNING ${SECRETS.columns('s', SUMMARY)}`,
          parameters,
        );
        return SECRETS.valuesOf<SecretSummary>(rows[0]!);
      } catch (error) {
        throw sqlStateOf(error) === UNIQUE_VIOLATION ? new DuplicateSecretError(name, error) : error;
      }
    });
  }

  async change(
    { tenantId, name }: SecretId,
    by: string | null,
    change: SecretChange,
  ): Promise<SecretSummary | null> {
    const { names, places, parameters } = SECRETS.assignments({ ...change, updatedBy: by }, 4);
    const isNewValue = change.sealed !== undefined;
    const [row] = await this.primary.query<object>(
      `UPDATE ${this.table} AS s SET (${names.join(', ')}) = ROW (${places.join(', ')}), updated_at = now(),
          revision = ${this.rows.nextRevision}, version = version + $3::int,
          value_set_by = CASE $3::int WHEN 1 THEN ${places.at(-1)} ELSE value_set_by END,
          value_set_at = CASE $3::int WHEN 1 THEN now() ELSE value_set_at END
        WHERE tenant_id = $1 AND name = $2 RETURNING ${SECRETS.columns('s', SUMMARY)}`,
      [tenantId, name, isNewValue ? 1 : 0, ...parameters],
    );
    return row ? SECRETS.valuesOf<SecretSummary>(row) : null;
  }

  async delete({ tenantId, name }: SecretId): Promise<boolean> {
    const rows = await this.primary.query(
      `DELETE FROM ${this.table} WHERE tenant_id = $1 AND name = $2 RETURNING name`,
      [tenantId, name],
    );
    return rows.length > 0;
  }

  async find({ tenantId, name }: SecretId): Promise<SecretSummary | null> {
    const [row] = await this.primary.query<object>(
      `SELECT ${SECRETS.columns('s', SUMMARY)} FROM ${this.table} s WHERE tenant_id = $1 AND name = $2`,
      [tenantId, name],
    );
    return row ? SECRETS.valuesOf<SecretSummary>(row) : null;
  }

  async list(tenantId: string): Promise<SecretSummary[]> {
    const rows = await this.primary.look<object>(
      `SELECT ${SECRETS.columns('s', SUMMARY)} FROM ${this.table} s WHERE tenant_id = $1 ORDER BY name`,
      [tenantId],
    );
    return rows.map((row) => SECRETS.valuesOf<SecretSummary>(row));
  }

  async noteUses(uses: readonly (SecretId & { at: number })[]): Promise<void> {
    await this.primary.query(
      `UPDATE ${this.table} s SET last_used_at = greatest(s.last_used_at, to_timestamp(u.at / 1000))
        FROM unnest($1::text[], $2::text[], $3::float8[]) AS u (tenant_id, name, at)
        WHERE s.tenant_id = u.tenant_id AND s.name = u.name`,
      [uses.map(({ tenantId }) => tenantId), uses.map(({ name }) => name), uses.map(({ at }) => at)],
    );
  }

  onePerKey(): Promise<SealedSecret[]> {
    return this.primary.query(
      `SELECT DISTINCT ON (key_id) ${HELD} FROM ${this.table} ORDER BY key_id, tenant_id, name`,
    );
  }

  sealedByOthers(keyId: string, after: SecretId | null, limit: number): Promise<SealedSecret[]> {
    return this.primary.query(
      `SELECT ${HELD} FROM ${this.table} WHERE key_id <> $1
          AND ($2::text IS NULL OR (tenant_id, name) > ($2::text, $3::text))
        ORDER BY tenant_id, name LIMIT $4::int`,
      [keyId, after?.tenantId ?? null, after?.name ?? null, limit],
    );
  }

  async reseal({ tenantId, name, revision }: SealedSecret, keyId: string, sealed: string): Promise<boolean> {
    const rows = await this.primary.query(
      `UPDATE ${this.table} SET key_id = $4, sealed = $5, revision = ${this.rows.nextRevision}
        WHERE tenant_id = $1 AND name = $2 AND revision = $3::bigint RETURNING name`,
      [tenantId, name, revision, keyId, sealed],
    );
    return rows.length > 0;
  }

  private get table(): string {
    return tablePath(this.dataSource, SecretEntity);
  }
}

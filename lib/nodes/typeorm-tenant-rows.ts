import type { DataSource } from 'typeorm';
import { PrimaryDatabase } from '../entities/primary-database.js';
import { ownTablePath, tablePath } from '../entities/table-path.js';
import { REVISION_DIGEST_SQL } from './revision-digest.js';
import type { TenantRow, TenantRowSource } from './tenant-rows.js';

/** Rows of a table with the columns `tenant_id` and `revision`, and an index on both. */
export class TypeOrmTenantRows<Row extends TenantRow> implements TenantRowSource<Row> {
  private readonly primary: PrimaryDatabase;

  /** @param columns the columns to select, including `tenantId` and `revision` */
  constructor(
    private readonly dataSource: DataSource,
    private readonly entity: new () => object,
    private readonly columns: string,
  ) {
    this.primary = new PrimaryDatabase(dataSource);
  }

  /** SQL expression for the next revision. Every statement that changes a row uses it. */
  get nextRevision(): string {
    const sequence = ownTablePath(this.dataSource, 'scripts_revision_seq').replaceAll("'", "''");
    return `nextval('${sequence}')`;
  }

  async digest(): Promise<string> {
    const [row] = await this.primary.query<{ digest: string }>(
      `SELECT ${REVISION_DIGEST_SQL} AS digest FROM ${this.table}`,
    );
    return row?.digest ?? '';
  }

  digests(): Promise<{ tenantId: string; digest: string }[]> {
    return this.primary.query(
      `SELECT tenant_id AS "tenantId", ${REVISION_DIGEST_SQL} AS digest FROM ${this.table} GROUP BY tenant_id`,
    );
  }

  rowsOf(tenantIds: readonly string[]): Promise<Row[]> {
    return this.primary.query(
      `SELECT ${this.columns} FROM ${this.table} WHERE tenant_id = ANY ($1::text[]) ORDER BY tenant_id, name`,
      [tenantIds],
    );
  }

  private get table(): string {
    return tablePath(this.dataSource, this.entity);
  }
}

import type { DataSource } from 'typeorm';
import { ScriptEntity } from '../entities/index.js';
import { PrimaryDatabase } from '../entities/primary-database.js';
import { tablePath } from '../entities/table-path.js';
import { ActiveScripts, type ScriptPlace } from './active-scripts.js';
import { REVISION_DIGEST_SQL } from '../nodes/revision-digest.js';
import { SCRIPT_PART_SQL } from './script-digests.js';
import type { ActiveScript } from './script-index.js';

const COLUMNS = `id, tenant_id AS "tenantId", name, version, to_json(event_types) AS "eventTypes", filters, limits,
  to_json(bindings) AS bindings, to_json(secrets) AS secrets,
  max_concurrency AS "maxConcurrency", runs_per_minute AS "runsPerMinute", ordering_key AS "orderingKey",
  on_ordered_failure AS "onOrderedFailure", status, degraded, revision::text`;

const LISTENS = `status IN ('active', 'disabled')`;

/** Scripts that listen, in PostgreSQL. */
export class TypeOrmActiveScripts extends ActiveScripts {
  private readonly primary: PrimaryDatabase;

  constructor(private readonly dataSource: DataSource) {
    super();
    this.primary = new PrimaryDatabase(dataSource);
  }

  page(after: ScriptPlace | null, limit: number): Promise<ActiveScript[]> {
    return this.query(
      `SELECT ${COLUMNS} FROM ${this.table}
        WHERE ${LISTENS} AND ($1::text IS NULL OR (tenant_id, id) > ($1::text, $2::uuid))
        ORDER BY tenant_id, id LIMIT $3`,
      [after?.tenantId ?? null, after?.id ?? null, limit],
    );
  }

  byIds(ids: readonly string[]): Promise<ActiveScript[]> {
    return this.query(`SELECT ${COLUMNS} FROM ${this.table} WHERE ${LISTENS} AND id = ANY($1::uuid[])`, [
      ids,
    ]);
  }

  async digest(): Promise<string> {
    const rows = await this.query<{ digest: string }>(
      `SELECT ${REVISION_DIGEST_SQL} AS digest FROM ${this.table} WHERE ${LISTENS}`,
    );
    return rows[0]?.digest ?? '';
  }

  async digests(): Promise<ReadonlyMap<number, string>> {
    const rows = await this.query<{ part: number; digest: string }>(
      `SELECT ${SCRIPT_PART_SQL} AS part, ${REVISION_DIGEST_SQL} AS digest FROM ${this.table} WHERE ${LISTENS}
        GROUP BY 1`,
    );
    return new Map(rows.map(({ part, digest }) => [part, digest]));
  }

  revisions(parts: readonly number[]): Promise<{ id: string; revision: string }[]> {
    return this.query(
      `SELECT id, revision::text FROM ${this.table} WHERE ${LISTENS} AND ${SCRIPT_PART_SQL} = ANY($1::integer[])`,
      [parts],
    );
  }

  private get table(): string {
    return tablePath(this.dataSource, ScriptEntity);
  }

  private query<T>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> {
    return this.primary.query<T>(sql, parameters);
  }
}

import type { DataSource } from 'typeorm';
import type { Page } from '../common/page.js';
import { EntityRows } from '../entities/entity-rows.js';
import { ScriptEntity, StoreEntryEntity } from '../entities/index.js';
import { PrimaryDatabase } from '../entities/primary-database.js';
import { STORE_USAGE_TABLE } from '../entities/store-usage-table.js';
import { ownTablePath, tablePath } from '../entities/table-path.js';
import { ScriptStoreRepository } from './script-store.repository.js';
import type { StoreEntry, StoreEntrySummary, StoreSizes, StoreUsageOfTenant } from './script-store.types.js';
import { lastOf } from './store.rules.js';
import {
  type KeyRange,
  SHARED_SCOPE,
  type StoreChanges,
  type StoreQuotas,
  type StoreScope,
  type StoreVerdict,
  type StoreWrite,
} from './store.types.js';
import { LIVE, type TypeOrmStore } from './typeorm-store.js';

const ENTRIES = new EntityRows(StoreEntryEntity);
const LISTED = [
  'tenantId',
  'scope',
  'key',
  'bytes',
  'expiresAt',
  'executionId',
  'updatedBy',
  'createdAt',
  'updatedAt',
] as const satisfies readonly (keyof StoreEntryEntity)[];

/** Most keys that are counted for the sizes of a tenant's stores, and most stores that are listed. */
const MOST_COUNTED = 100_000;
const MOST_SIZES = 200;

/** The stores of tenants in PostgreSQL, for the host. */
export class TypeOrmScriptStoreRepository extends ScriptStoreRepository {
  private readonly primary: PrimaryDatabase;

  constructor(
    private readonly dataSource: DataSource,
    private readonly store: TypeOrmStore,
    private readonly quotas: StoreQuotas,
  ) {
    super();
    this.primary = new PrimaryDatabase(dataSource);
  }

  async find(tenantId: string, scope: StoreScope, key: string): Promise<StoreEntry | null> {
    const [row] = await this.primary.look<object>(
      `SELECT ${ENTRIES.columns('s', [...LISTED, 'value'])} FROM ${this.table} s
        WHERE s.tenant_id = $1 AND s.scope = $2 AND s.key = $3 AND ${LIVE}`,
      [tenantId, scope, key],
    );
    return row ? entryOf<StoreEntry>(row) : null;
  }

  async list(
    tenantId: string,
    scope: StoreScope,
    { prefix, after }: KeyRange,
    limit: number,
  ): Promise<Page<StoreEntrySummary>> {
    const rows = await this.primary.look<object>(
      `SELECT ${ENTRIES.columns('s', LISTED)} FROM ${this.table} s
        WHERE s.tenant_id = $1 AND s.scope = $2 AND s.key >= $3 AND s.key > $4 AND s.key <= $5 AND ${LIVE}
        ORDER BY s.key LIMIT $6::int`,
      [tenantId, scope, prefix, after, lastOf({ prefix, upTo: undefined }), limit + 1],
    );
    const items = rows.slice(0, limit).map((row) => entryOf<StoreEntrySummary>(row));
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.key ?? null) : null };
  }

  write(
    tenantId: string,
    scope: StoreScope,
    key: string,
    write: StoreWrite,
    by: string | null,
  ): Promise<StoreVerdict | 'no-script'> {
    const keys = [{ scope, key, seen: undefined, write }];
    const changes: StoreChanges = { tenantId, keys, ranges: [], bytes: 0 };
    return this.primary.boundedTransaction(async (statements) => {
      if (scope !== SHARED_SCOPE) {
        const found = await statements.query(
          `SELECT FROM ${tablePath(this.dataSource, ScriptEntity)} WHERE id = $1::uuid AND tenant_id = $2`,
          [scope, tenantId],
        );
        if (found.length === 0) return 'no-script';
      }
      const locked = await this.store.lock(statements, [changes]);
      if (locked.gone.has(scope)) return 'no-script';
      const [verdict] = await this.store.settle(statements, locked, [
        { changes, insists: true, executionId: null, by },
      ]);
      return verdict!;
    });
  }

  async count(tenantId: string, scope: StoreScope, prefix: string, upTo: number): Promise<number> {
    const [row] = await this.primary.look<{ count: number }>(
      `SELECT count(*)::int AS count FROM (
          SELECT FROM ${this.table} s
            WHERE s.tenant_id = $1 AND s.scope = $2 AND s.key >= $3 AND s.key <= $4 AND ${LIVE} LIMIT $5::int
        ) AS counted`,
      [tenantId, scope, prefix, lastOf({ prefix, upTo: undefined }), upTo],
    );
    return row?.count ?? 0;
  }

  clear(tenantId: string, scope: StoreScope, prefix: string, limit: number): Promise<number> {
    return this.primary.changeTogether((statements) =>
      this.store.clear(statements, tenantId, scope, { prefix, limit }),
    );
  }

  async sizes(tenantId: string): Promise<StoreSizes> {
    const rows = await this.primary.look<{ scope: string; keys: number; bytes: string; all: string }>(
      `SELECT scope, count(*)::int AS keys, sum(bytes)::text AS bytes, (sum(count(*)) OVER ())::text AS all
        FROM (SELECT scope, bytes FROM ${this.table} WHERE tenant_id = $1 LIMIT $2::int) AS counted
        GROUP BY scope ORDER BY sum(bytes) DESC, scope LIMIT $3::int`,
      [tenantId, MOST_COUNTED + 1, MOST_SIZES + 1],
    );
    const items = rows
      .slice(0, MOST_SIZES)
      .map(({ scope, keys, bytes }) => ({ scriptId: scriptOf(scope), keys, bytes: Number(bytes) }));
    return { items, more: rows.length > items.length || Number(rows[0]?.all ?? 0) > MOST_COUNTED };
  }

  async usage(tenantId: string): Promise<StoreUsageOfTenant> {
    const [row] = await this.primary.query<{ keys: number; bytes: string }>(
      `SELECT keys, bytes::text AS bytes FROM ${ownTablePath(this.dataSource, STORE_USAGE_TABLE)} WHERE tenant_id = $1`,
      [tenantId],
    );
    const { tenantStoreKeys: maxKeys, tenantStoreBytes: maxBytes } = this.quotas;
    return { keys: row?.keys ?? 0, bytes: Number(row?.bytes ?? 0), maxKeys, maxBytes };
  }

  private get table(): string {
    return tablePath(this.dataSource, StoreEntryEntity);
  }
}

const scriptOf = (scope: StoreScope): string | null => (scope === SHARED_SCOPE ? null : scope);

function entryOf<Entry>(row: object): Entry {
  const { scope, ...entry } = ENTRIES.valuesOf<StoreEntryEntity>(row);
  return { ...entry, scriptId: scriptOf(scope) } as Entry;
}

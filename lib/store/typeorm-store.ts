import type { DataSource } from 'typeorm';
import { isoTime } from '../common/sql-types.js';
import { ScriptEntity, StoreEntryEntity } from '../entities/index.js';
import { PrimaryDatabase, type Statements } from '../entities/primary-database.js';
import { STORE_USAGE_TABLE } from '../entities/store-usage-table.js';
import { ownTablePath, tablePath } from '../entities/table-path.js';
import { type RangeNow, Settlement, type StoredRow, type StoreUsage } from './settlement.js';
import { StoreReader } from './store.reader.js';
import { lastOf } from './store.rules.js';
import {
  type KeyRange,
  type SeenRange,
  SHARED_SCOPE,
  type StoreChanges,
  type StoreCommit,
  type StoredPage,
  type StoredValue,
  type StoreQuotas,
  type StoreVerdict,
} from './store.types.js';

/** SQL over a row `s` of the store. */
export const LIVE = '(s.expires_at IS NULL OR s.expires_at > now())';
const VALUE = 's.key, s.value::text AS text, s.revision::text AS revision';
/** The longest value that can be a number, in bytes of its row without the key. */
const NUMBER_BYTES = 64;

/** Stores of tenants that are locked until the transaction ends. */
export interface LockedStores {
  readonly usage: ReadonlyMap<string, StoreUsage>;
  /** Scripts that were deleted. */
  readonly gone: ReadonlySet<string>;
}

/**
 * The stores of scripts in PostgreSQL. Every change locks the tenant's row of usage first, so that changes are made one
 * after the other and the usage always matches the rows.
 */
export class TypeOrmStore extends StoreReader {
  private readonly primary: PrimaryDatabase;

  constructor(
    private readonly dataSource: DataSource,
    private readonly quotas: StoreQuotas,
  ) {
    super();
    this.primary = new PrimaryDatabase(dataSource);
  }

  async read(tenantId: string, scope: string, key: string): Promise<StoredValue | null> {
    const [row] = await this.primary.query<StoredValue>(
      `SELECT ${VALUE} FROM ${this.table} s WHERE s.tenant_id = $1 AND s.scope = $2 AND s.key = $3 AND ${LIVE}`,
      [tenantId, scope, key],
    );
    return row ?? null;
  }

  async page(
    tenantId: string,
    scope: string,
    { prefix, after }: KeyRange,
    most: { keys: number; bytes: number },
  ): Promise<StoredPage> {
    const rows = await this.primary.query<StoredValue & { found: number }>(
      `WITH p AS (
          SELECT s.key, sum(s.bytes) OVER (ORDER BY s.key) - s.bytes AS before FROM ${this.table} s
            WHERE s.tenant_id = $1 AND s.scope = $2 AND s.key >= $3 AND s.key > $4 AND s.key <= $5 AND ${LIVE}
            ORDER BY s.key LIMIT $6::int
        ) SELECT ${VALUE}, (SELECT count(*)::int FROM p) AS found FROM p
          JOIN ${this.table} s ON s.tenant_id = $1 AND s.scope = $2 AND s.key = p.key
          WHERE p.before < $7::int ORDER BY s.key`,
      // Reads one row more than asked for, to find out whether there are more.
      [tenantId, scope, prefix, after, lastOf({ prefix, upTo: undefined }), most.keys + 1, most.bytes],
    );
    const items = rows.slice(0, most.keys).map(({ key, text, revision }) => ({ key, text, revision }));
    return { items, more: (rows[0]?.found ?? 0) > items.length };
  }

  /**
   * Locks the stores of the changes until the transaction ends. Locks scripts first, in the same order as deleting a
   * script does.
   */
  async lock(statements: Statements, changes: readonly StoreChanges[]): Promise<LockedStores> {
    const scripts = [...new Set(changes.flatMap(({ keys }) => keys.map(({ scope }) => scope)))].filter(
      (scope) => scope !== SHARED_SCOPE,
    );
    const found = await statements.query<{ id: string }>(
      `SELECT id FROM ${tablePath(this.dataSource, ScriptEntity)} WHERE id = ANY ($1::uuid[]) ORDER BY id FOR KEY SHARE`,
      [scripts],
    );
    const ids = new Set(found.map(({ id }) => id));
    const tenants = [...new Set(changes.map(({ tenantId }) => tenantId))];
    return {
      usage: await this.lockUsage(statements, tenants),
      gone: new Set(scripts.filter((id) => !ids.has(id))),
    };
  }

  /** Decides about the commits one after the other and stores the accepted ones. */
  async settle(
    statements: Statements,
    { usage, gone }: LockedStores,
    commits: readonly StoreCommit[],
  ): Promise<StoreVerdict[]> {
    const ranges = await this.rangesNow(statements, commits);
    const settlement = new Settlement(
      await this.rowsNow(statements, commits),
      usage,
      ranges,
      this.quotas,
      gone,
    );
    const verdicts = commits.map((commit) => settlement.settle(commit));
    if (settlement.full.size > 0) {
      const tenants = [...settlement.full];
      // Expired keys that retention has not removed yet may take up the room.
      if ((await this.removeExpired(statements, tenants)) > 0) {
        const freed = { usage: new Map([...usage, ...(await this.lockUsage(statements, tenants))]), gone };
        return this.settle(statements, freed, commits);
      }
    }
    await this.store(statements, settlement.result());
    return verdicts;
  }

  /**
   * Removes the first keys of a scope that begin with the prefix. Returns their number. Also removes up to `limit`
   * expired keys, which don't count.
   */
  async clear(
    statements: Statements,
    tenantId: string,
    scope: string,
    { prefix, limit }: { prefix: string; limit: number },
  ): Promise<number> {
    await this.lockUsage(statements, [tenantId]);
    const range = `s.tenant_id = $1 AND s.scope = $2 AND s.key >= $3 AND s.key <= $4`;
    const [row] = await statements.query<{ removed: number }>(
      `WITH removed AS (
          DELETE FROM ${this.table} s WHERE s.tenant_id = $1 AND s.scope = $2 AND s.key IN (
            (SELECT s.key FROM ${this.table} s WHERE ${range} AND ${LIVE} ORDER BY s.key LIMIT $5::int)
            UNION ALL (SELECT s.key FROM ${this.table} s WHERE ${range} AND NOT ${LIVE} ORDER BY s.key LIMIT $5::int)
          ) RETURNING s.bytes, ${LIVE} AS live
        ), freed AS (
          UPDATE ${this.usageTable} AS u SET keys = u.keys - r.keys, bytes = u.bytes - r.bytes, revision = u.revision + 1
            FROM (SELECT count(*) AS keys, coalesce(sum(bytes), 0) AS bytes FROM removed) AS r
            WHERE u.tenant_id = $1 AND r.keys > 0
        ) SELECT count(*) FILTER (WHERE live)::int AS removed FROM removed`,
      [tenantId, scope, prefix, lastOf({ prefix, upTo: undefined }), limit],
    );
    return row?.removed ?? 0;
  }

  private async lockUsage(
    statements: Statements,
    tenants: readonly string[],
  ): Promise<Map<string, StoreUsage>> {
    const select = `SELECT tenant_id AS "tenantId", keys, bytes::text AS bytes, revision::text AS revision,
        turn_of::text AS "turnOf", turn_key AS "turnKey", coalesce(turn_until > clock_timestamp(), false) AS "hasTurn"
      FROM ${this.usageTable} WHERE tenant_id = ANY ($1::text[]) ORDER BY tenant_id FOR UPDATE`;
    const rows = await statements.query<UsageRow>(select, [tenants]);
    if (rows.length === tenants.length) return usageOf(rows);
    await statements.query(
      `INSERT INTO ${this.usageTable} (tenant_id) SELECT t FROM unnest($1::text[]) AS t ORDER BY t ON CONFLICT DO NOTHING`,
      [tenants],
    );
    return usageOf(await statements.query<UsageRow>(select, [tenants]));
  }

  private async rowsNow(statements: Statements, commits: readonly StoreCommit[]): Promise<StoredRow[]> {
    const keys = commits.flatMap(({ changes: { tenantId, keys: touched } }) =>
      touched.map(({ scope, key }) => ({ tenantId, scope, key })),
    );
    return statements.query<StoredRow>(
      `SELECT s.tenant_id AS "tenantId", s.scope, s.key, s.revision::text AS revision, ${LIVE} AS "isLive", s.bytes,
          CASE WHEN s.bytes - octet_length(s.key) <= ${NUMBER_BYTES} THEN s.value::text END AS text,
          ${isoTime('s.expires_at')} AS "expiresAt"
        FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::text[]) AS r (tenant_id, scope, key)) AS r
        JOIN ${this.table} s ON s.tenant_id = r.tenant_id AND s.scope = r.scope AND s.key = r.key`,
      columnsOf(keys),
    );
  }

  private async rangesNow(
    statements: Statements,
    commits: readonly StoreCommit[],
  ): Promise<Map<SeenRange, RangeNow>> {
    const all = commits.flatMap(({ changes: { tenantId, ranges } }) =>
      ranges.map((range) => ({ tenantId, range })),
    );
    if (all.length === 0) return new Map();
    const rows = await statements.query<RangeNow & { at: number }>(
      `SELECT r.at::int AS at, n.count, n.newest
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
          WITH ORDINALITY AS r (tenant_id, scope, prefix, after, up_to, at)
        CROSS JOIN LATERAL (
          SELECT count(*)::int AS count, coalesce(max(s.revision), 0)::text AS newest FROM ${this.table} s
            WHERE s.tenant_id = r.tenant_id AND s.scope = r.scope
              AND s.key >= r.prefix AND s.key > r.after AND s.key <= r.up_to AND ${LIVE}
        ) AS n`,
      [
        all.map(({ tenantId }) => tenantId),
        all.map(({ range }) => range.scope),
        all.map(({ range }) => range.prefix),
        all.map(({ range }) => range.after),
        all.map(({ range }) => lastOf(range)),
      ],
    );
    return new Map(rows.map(({ at, count, newest }) => [all[at - 1]!.range, { count, newest }]));
  }

  private async store(
    statements: Statements,
    { rows, deleted, usage }: ReturnType<Settlement['result']>,
  ): Promise<void> {
    if (deleted.length > 0)
      await statements.query(
        `DELETE FROM ${this.table} s USING unnest($1::text[], $2::text[], $3::text[]) AS r (tenant_id, scope, key)
          WHERE s.tenant_id = r.tenant_id AND s.scope = r.scope AND s.key = r.key`,
        columnsOf(deleted),
      );
    if (rows.length > 0)
      await statements.query(
        `INSERT INTO ${this.table} AS s
            (tenant_id, scope, key, value, bytes, revision, expires_at, execution_id, updated_by)
          SELECT r.tenant_id, r.scope, r.key, r.value::json, r.bytes, r.revision,
              coalesce(r.expires_at, now() + r.ttl_ms * interval '1 millisecond'), r.execution_id, r.updated_by
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::bigint[], $7::timestamptz[], $8::bigint[],
                $9::uuid[], $10::text[])
              AS r (tenant_id, scope, key, value, bytes, revision, expires_at, ttl_ms, execution_id, updated_by)
          ON CONFLICT (tenant_id, scope, key) DO UPDATE SET value = excluded.value, bytes = excluded.bytes,
            revision = excluded.revision, expires_at = excluded.expires_at, execution_id = excluded.execution_id,
            updated_by = excluded.updated_by, updated_at = now(),
            created_at = CASE WHEN s.expires_at <= now() THEN now() ELSE s.created_at END`,
        [
          ...columnsOf(rows),
          rows.map(({ text }) => text),
          rows.map(({ bytes }) => bytes),
          rows.map(({ revision }) => revision),
          rows.map(({ expiresAt }) => expiresAt),
          rows.map(({ ttlMs }) => ttlMs),
          rows.map(({ executionId }) => executionId),
          rows.map(({ by }) => by),
        ],
      );
    if (usage.length > 0)
      await statements.query(
        `UPDATE ${this.usageTable} AS u SET keys = r.keys, bytes = r.bytes, revision = r.revision,
            turn_until = CASE WHEN r.ends_turn THEN NULL ELSE u.turn_until END
          FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::boolean[])
            AS r (tenant_id, keys, bytes, revision, ends_turn)
          WHERE u.tenant_id = r.tenant_id`,
        [
          usage.map(({ tenantId }) => tenantId),
          usage.map(({ keys }) => keys),
          usage.map(({ bytes }) => bytes),
          usage.map(({ revision }) => revision),
          usage.map(({ endsTurn }) => endsTurn),
        ],
      );
  }

  /** Removes expired keys from locked stores. Returns their number. */
  private async removeExpired(statements: Statements, tenants: readonly string[]): Promise<number> {
    const [row] = await statements.query<{ removed: number }>(
      `WITH removed AS (
          DELETE FROM ${this.table} s WHERE s.tenant_id = ANY ($1::text[]) AND s.expires_at <= now()
            RETURNING s.tenant_id, s.bytes
        ), freed AS (
          UPDATE ${this.usageTable} AS u SET keys = u.keys - r.keys, bytes = u.bytes - r.bytes
            FROM (SELECT tenant_id, count(*) AS keys, sum(bytes) AS bytes FROM removed GROUP BY tenant_id) AS r
            WHERE u.tenant_id = r.tenant_id
        ) SELECT count(*)::int AS removed FROM removed`,
      [tenants],
    );
    return row?.removed ?? 0;
  }

  private get table(): string {
    return tablePath(this.dataSource, StoreEntryEntity);
  }

  private get usageTable(): string {
    return ownTablePath(this.dataSource, STORE_USAGE_TABLE);
  }
}

interface UsageRow {
  tenantId: string;
  keys: number;
  bytes: string;
  revision: string;
  turnOf: string | null;
  turnKey: string | null;
  hasTurn: boolean;
}

const usageOf = (rows: readonly UsageRow[]): Map<string, StoreUsage> =>
  new Map(
    rows.map(({ tenantId, keys, bytes, revision, turnOf, turnKey, hasTurn }) => {
      const turn = hasTurn && turnOf !== null && turnKey !== null ? { of: turnOf, key: turnKey } : undefined;
      return [tenantId, { keys, bytes: Number(bytes), revision, turn }];
    }),
  );

const columnsOf = (keys: readonly { tenantId: string; scope: string; key: string }[]): string[][] => [
  keys.map(({ tenantId }) => tenantId),
  keys.map(({ scope }) => scope),
  keys.map(({ key }) => key),
];

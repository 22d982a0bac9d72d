import { quoted } from '../common/printable.js';
import { decimalSum } from './decimal-sum.js';
import { compareKeys, entryBytes, lastOf, notANumber } from './store.rules.js';
import { turnKeyOf } from './store.turns.js';
import {
  ABSENT,
  type LostKey,
  type SeenRange,
  type StoreCommit,
  type StoreQuotas,
  type StoreVerdict,
  type StoreWrite,
  type TouchedKey,
} from './store.types.js';

/** How much a tenant's store holds, and the revision of its last change. */
export interface StoreUsage {
  keys: number;
  bytes: number;
  revision: string;
  /**
   * The execution that has its turn now. `key`: the scope and the beginning of the keys that other runs don't change
   * meanwhile.
   */
  turn?: { readonly of: string; readonly key: string } | undefined;
}

/** A row of the store as it is now. `isLive` is false if it has expired. */
export interface StoredRow {
  tenantId: string;
  scope: string;
  key: string;
  revision: string;
  isLive: boolean;
  bytes: number;
  /** The value as JSON text, if it is short enough to be a number. */
  text: string | null;
  /** ISO 8601. */
  expiresAt: string | null;
}

/** The current state of a range of keys. */
export type RangeNow = Pick<SeenRange, 'count' | 'newest'>;

/** A row to store. */
export interface ChangedRow {
  tenantId: string;
  scope: string;
  key: string;
  text: string;
  bytes: number;
  revision: string;
  /** ISO 8601. null: `ttlMs` decides. */
  expiresAt: string | null;
  /** Counted from now. null: the row doesn't expire, unless `expiresAt` is given. */
  ttlMs: number | null;
  executionId: string | null;
  by: string | null;
}

/** A key during the settlement: as it is stored, or as an earlier commit has left it. */
interface KeyNow {
  /** The value as JSON text. Undefined if the key doesn't exist. */
  row: ChangedRow | undefined;
  /** The revision that a run must have seen. */
  revision: string;
  /** Bytes that count towards the quota. An expired row counts until it is removed or overwritten. */
  counted: number | undefined;
  /** Whether the database has a row for the key. */
  isStored: boolean;
}

const idOf = (tenantId: string, scope: string, key: string): string => `${scope}\n${key}\n${tenantId}`;

/**
 * Decides about commits one after the other; each sees the changes of those before it. The tenants' stores stay locked
 * until the decisions are stored.
 */
export class Settlement {
  private readonly keys = new Map<string, KeyNow>();
  private readonly changed = new Set<string>();
  private readonly added = new Map<string, { keys: number; bytes: number }>();
  /** Tenants with a run whose changes are accepted in its turn, which ends the turn. */
  private readonly turnsOver = new Set<string>();
  /** Whether a commit was refused because a tenant's store is full. Removing expired keys may make room for it. */
  readonly full = new Set<string>();

  /** @param ranges the current state of the ranges that the commits have listed, in the order of the commits */
  constructor(
    rows: readonly StoredRow[],
    private readonly usage: ReadonlyMap<string, StoreUsage>,
    private readonly ranges: ReadonlyMap<SeenRange, RangeNow>,
    private readonly quotas: StoreQuotas,
    /** Scripts of the commits that were deleted. Nothing is stored for them. */
    private readonly gone: ReadonlySet<string> = new Set(),
  ) {
    for (const row of rows) this.keys.set(idOf(row.tenantId, row.scope, row.key), keyOf(row));
  }

  settle(commit: StoreCommit): StoreVerdict {
    const conflict = this.conflictOf(commit);
    if (conflict !== undefined) return { status: 'conflict', lost: conflict };
    if (this.hasToWait(commit)) return { status: 'later' };
    const { tenantId, keys } = commit.changes;
    const changes: { id: string; now: KeyNow }[] = [];
    let [moreKeys, moreBytes] = [0, 0];
    for (const { scope, key, write } of keys) {
      if (!write || this.gone.has(scope)) continue;
      const id = idOf(tenantId, scope, key);
      const now = this.now(id);
      const row = this.written(commit, { scope, key }, now.row, write);
      if (row === 'not-a-number')
        return { status: 'refused', code: 'not-a-number', message: notANumber(key) };
      moreKeys += Number(row !== undefined) - Number(now.counted !== undefined);
      moreBytes += (row?.bytes ?? 0) - (now.counted ?? 0);
      const { isStored } = now;
      changes.push({ id, now: { row, revision: row?.revision ?? ABSENT, counted: row?.bytes, isStored } });
    }
    const refusal = this.overQuota(tenantId, moreKeys, moreBytes);
    if (refusal !== undefined) return { status: 'refused', code: 'over-quota', message: refusal };
    for (const { id, now } of changes) {
      this.keys.set(id, now);
      this.changed.add(id);
    }
    const { keys: before = 0, bytes = 0 } = this.added.get(tenantId) ?? {};
    this.added.set(tenantId, { keys: before + moreKeys, bytes: bytes + moreBytes });
    if (commit.executionId !== null && this.usageOf(tenantId).turn?.of === commit.executionId)
      this.turnsOver.add(tenantId);
    return { status: 'accepted' };
  }

  /** The rows to store. */
  result(): {
    rows: ChangedRow[];
    deleted: Pick<ChangedRow, 'tenantId' | 'scope' | 'key'>[];
    usage: ({ tenantId: string; endsTurn: boolean } & Omit<StoreUsage, 'turn'>)[];
  } {
    const rows: ChangedRow[] = [];
    const deleted: Pick<ChangedRow, 'tenantId' | 'scope' | 'key'>[] = [];
    for (const id of this.changed) {
      const { row, isStored } = this.now(id);
      const [scope = '', key = '', ...tenant] = id.split('\n');
      if (row) rows.push(row);
      else if (isStored) deleted.push({ tenantId: tenant.join('\n'), scope, key });
    }
    const usage = [...this.added].map(([tenantId, { keys, bytes }]) => {
      const before = this.usageOf(tenantId);
      return {
        tenantId,
        keys: before.keys + keys,
        bytes: before.bytes + bytes,
        revision: this.nextRevision(tenantId),
        endsTurn: this.turnsOver.has(tenantId),
      };
    });
    return { rows, deleted, usage };
  }

  /** The first key that has changed since the run read it. */
  private conflictOf({ changes: { tenantId, keys, ranges } }: StoreCommit): LostKey | undefined {
    const isStale = ({ scope, key, seen }: TouchedKey): boolean =>
      seen !== undefined && this.now(idOf(tenantId, scope, key)).revision !== seen;
    const stale = keys.find(isStale);
    if (stale) return { scope: stale.scope, key: stale.key };
    const range = ranges.find((one) => this.isStale(tenantId, one));
    return range && { scope: range.scope, key: range.prefix };
  }

  /** Whether another run has its turn on a key that the commit changes. */
  private hasToWait({ executionId, insists, changes: { tenantId, keys } }: StoreCommit): boolean {
    const { turn } = this.usageOf(tenantId);
    if (!turn || insists || turn.of === executionId || this.turnsOver.has(tenantId)) return false;
    return keys.some((touched) => touched.write && turnKeyOf(touched).startsWith(turn.key));
  }

  private isStale(tenantId: string, range: SeenRange): boolean {
    const now = this.ranges.get(range);
    if (now?.count !== range.count || now.newest !== range.newest) return true;
    for (const id of this.changed) {
      const [scope, key = '', ...tenant] = id.split('\n');
      if (scope !== range.scope || tenant.join('\n') !== tenantId || !key.startsWith(range.prefix)) continue;
      if (compareKeys(key, range.after) > 0 && compareKeys(key, lastOf(range)) <= 0) return true;
    }
    return false;
  }

  private written(
    { executionId, by, changes: { tenantId } }: StoreCommit,
    { scope, key }: Pick<TouchedKey, 'scope' | 'key'>,
    row: ChangedRow | undefined,
    write: StoreWrite,
  ): ChangedRow | undefined | 'not-a-number' {
    if (write.kind === 'delete') return undefined;
    const isSum = write.kind === 'add';
    const text = isSum ? decimalSum(row ? row.text : '0', write.by) : write.text;
    if (text === undefined) return 'not-a-number';
    // Adding to a value doesn't change when it expires.
    const kept = isSum && row ? row : { expiresAt: null, ttlMs: write.ttlMs };
    const { expiresAt, ttlMs } = kept;
    const revision = this.nextRevision(tenantId);
    return {
      tenantId,
      scope,
      key,
      text,
      bytes: entryBytes(key, text),
      revision,
      expiresAt,
      ttlMs,
      executionId,
      by,
    };
  }

  private overQuota(tenantId: string, moreKeys: number, moreBytes: number): string | undefined {
    const { keys, bytes } = this.usageOf(tenantId);
    const added = this.added.get(tenantId) ?? { keys: 0, bytes: 0 };
    const { tenantStoreKeys, tenantStoreBytes } = this.quotas;
    const over =
      moreKeys > 0 && keys + added.keys + moreKeys > tenantStoreKeys
        ? `more than the ${tenantStoreKeys} keys of limits.tenantStoreKeys (EVENT_LIMITS_TENANT_STORE_KEYS)`
        : moreBytes > 0 && bytes + added.bytes + moreBytes > tenantStoreBytes
          ? `larger than the ${tenantStoreBytes} bytes of limits.tenantStoreBytes (EVENT_LIMITS_TENANT_STORE_BYTES)`
          : undefined;
    if (over === undefined) return undefined;
    this.full.add(tenantId);
    return `The store of tenant ${quoted(tenantId)} would be ${over}. Delete keys, or store values with a ttl.`;
  }

  private now(id: string): KeyNow {
    return this.keys.get(id) ?? { row: undefined, revision: ABSENT, counted: undefined, isStored: false };
  }

  private usageOf(tenantId: string): StoreUsage {
    return this.usage.get(tenantId) ?? { keys: 0, bytes: 0, revision: ABSENT };
  }

  private nextRevision(tenantId: string): string {
    return String(BigInt(this.usageOf(tenantId).revision) + 1n);
  }
}

function keyOf({ tenantId, scope, key, revision, isLive, bytes, text, expiresAt }: StoredRow): KeyNow {
  const isStored = true;
  if (!isLive) return { row: undefined, revision: ABSENT, counted: bytes, isStored };
  const by = { executionId: null, by: null };
  const row = { tenantId, scope, key, text: text ?? '', bytes, revision, expiresAt, ttlMs: null, ...by };
  return { row, revision, counted: bytes, isStored };
}

import { Injectable } from '@nestjs/common';
import { InvalidQueryError } from '../common/invalid-query.error.js';
import { lineAbout } from '../common/log-line.js';
import { DEFAULT_PAGE_LIMIT, type Page } from '../common/page.js';
import { callerOf, quoted } from '../common/printable.js';
import { PrintableLogger } from '../common/printable-logger.js';
import type { JsonValue } from '../common/json.js';
import {
  checkFields,
  checkTenant,
  checkUuid,
  checkWhole,
  checkId,
  invalid,
  storableJsonOf,
} from '../options/query-checks.js';
import { ScriptStoreRepository } from './script-store.repository.js';
import type {
  StoreClearOptions,
  StoreClearResult,
  StoreDeletionOptions,
  StoreEntry,
  StoreEntrySummary,
  StoreListQuery,
  StoreOwner,
  StoreSetOptions,
  StoreSizes,
  StoreUsageOfTenant,
} from './script-store.types.js';
import { StoreKeyNotFoundError, StoreQuotaError, StoreScriptNotFoundError } from './store.errors.js';
import { MOST_VALUE_BYTES, type Read, readKey, readTtl } from './store.rules.js';
import { SHARED_SCOPE, type StoreScope, type StoreWrite } from './store.types.js';

const MOST_ON_PAGE = 200;
/** Most keys that one call removes, and counts. */
export const MOST_CLEARED = 10_000;

/**
 * Reads and changes the stores of a tenant's scripts. Every method works on one tenant; keys of another tenant and
 * expired keys are not found. If a method changes a key that a run has read, the run runs again when it completes.
 *
 * Every method throws an `InvalidQueryError` that names the field if an argument is invalid.
 *
 * @publicApi
 */
@Injectable()
export class ScriptStoreService {
  private readonly logger = new PrintableLogger(ScriptStoreService.name);

  /** @internal */
  constructor(private readonly repository: ScriptStoreRepository) {}

  /** Lists the keys of one script's store, or of the shared store, in the order of their code points. */
  async list(tenantId: string, query: StoreListQuery = {}): Promise<Page<StoreEntrySummary>> {
    checkTenant(tenantId);
    checkFields('the query', query, ['scriptId', 'prefix', 'limit', 'cursor']);
    const { prefix = '', cursor = '', limit = DEFAULT_PAGE_LIMIT } = query;
    checkWhole('limit', limit, 1, MOST_ON_PAGE);
    const range = {
      prefix: valid('prefix', readKey(prefix, 'prefix')),
      after: valid('cursor', readKey(cursor, 'cursor')),
    };
    return this.repository.list(tenantId, scopeOf(query), range, limit);
  }

  /** @throws {StoreKeyNotFoundError} */
  async get(tenantId: string, key: string, owner: StoreOwner = {}): Promise<StoreEntry> {
    checkTenant(tenantId);
    checkFields('the owner', owner, ['scriptId']);
    const entry = await this.repository.find(tenantId, scopeOf(owner), keyOf(key));
    if (!entry) throw new StoreKeyNotFoundError(key);
    return entry;
  }

  /**
   * Creates or replaces a value.
   *
   * @param value any JSON value, up to 64 KiB
   * @throws {StoreQuotaError} if the tenant would exceed `limits.tenantStoreKeys` or `limits.tenantStoreBytes`
   * @throws {StoreScriptNotFoundError} for a script that the tenant doesn't have
   */
  async set(tenantId: string, key: string, value: JsonValue, options: StoreSetOptions = {}): Promise<void> {
    checkTenant(tenantId);
    checkFields('the options', options, ['scriptId', 'ttl', 'by']);
    const { by = null } = options;
    if (by !== null) checkId('by', by);
    const ttlMs = valid('ttl', readTtl(options.ttl ?? undefined));
    const write: StoreWrite = { kind: 'set', text: storableJsonOf('value', value, MOST_VALUE_BYTES), ttlMs };
    const scope = scopeOf(options);
    const verdict = await this.repository.write(tenantId, scope, keyOf(key), write, by);
    if (verdict === 'no-script') throw new StoreScriptNotFoundError(scope);
    if (verdict.status === 'refused') throw new StoreQuotaError(tenantId, verdict.message);
  }

  /** Removes a key. The log says who called it. @throws {StoreKeyNotFoundError} */
  async delete(tenantId: string, key: string, options: StoreDeletionOptions = {}): Promise<void> {
    checkTenant(tenantId);
    checkFields('the options', options, ['scriptId', 'by']);
    const { by = null, ...owner } = options;
    if (by !== null) checkId('by', by);
    await this.get(tenantId, key, owner);
    const verdict = await this.repository.write(tenantId, scopeOf(owner), key, { kind: 'delete' }, null);
    if (verdict === 'no-script') throw new StoreKeyNotFoundError(key);
    this.removed(tenantId, owner, by, `Key ${quoted(key)} was`);
  }

  /**
   * Removes the keys of one script's store, or of the shared store: all of them, or those that begin with a prefix. One
   * call removes up to 10,000 keys; call it again for the rest. The log says who called it.
   *
   * @throws QueryTooSlowError if counting takes longer than 5 seconds, `ChangeTooSlowError` if removing takes longer
   * than 10; in both cases nothing has changed
   */
  async clear(tenantId: string, options: StoreClearOptions = {}): Promise<StoreClearResult> {
    checkTenant(tenantId);
    checkFields('the options', options, ['scriptId', 'by', 'prefix', 'dryRun', 'limit']);
    const { by = null, prefix = '', dryRun = false, limit = MOST_CLEARED, ...owner } = options;
    if (by !== null) checkId('by', by);
    if (typeof dryRun !== 'boolean') throw invalid('dryRun', dryRun, 'true or false');
    checkWhole('limit', limit, 1, MOST_CLEARED);
    const scope = scopeOf(owner);
    const beginning = valid('prefix', readKey(prefix, 'prefix'));
    const found = await this.repository.count(tenantId, scope, beginning, MOST_CLEARED + 1);
    const matched = { matched: Math.min(found, MOST_CLEARED), more: found > MOST_CLEARED };
    if (dryRun) return { dryRun, ...matched, removed: 0 };
    const removed = await this.repository.clear(tenantId, scope, beginning, limit);
    if (removed > 0) this.removed(tenantId, owner, by, removed === 1 ? '1 key was' : `${removed} keys were`);
    return { dryRun, ...matched, removed };
  }

  /** The size of each script's store, and of the shared store. Expired keys count until they are removed. */
  async sizes(tenantId: string): Promise<StoreSizes> {
    checkTenant(tenantId);
    return this.repository.sizes(tenantId);
  }

  /** How much of its quotas a tenant uses, over all its scripts. */
  async usage(tenantId: string): Promise<StoreUsageOfTenant> {
    checkTenant(tenantId);
    return this.repository.usage(tenantId);
  }

  /** Logs who removed keys, because the rows that would say so are deleted. */
  private removed(tenantId: string, { scriptId }: StoreOwner, by: string | null, what: string): void {
    const isOwn = scriptId !== undefined && scriptId !== null;
    this.logger.log(
      lineAbout({ tenantId, ...(isOwn ? { scriptId } : {}) }, ({ script, ofTenant }) => {
        const store = isOwn ? `of script ${script}${ofTenant}` : `that all scripts${ofTenant} share`;
        return `${what} removed from the store ${store} by ${callerOf(by)}.`;
      }),
    );
  }
}

function scopeOf({ scriptId }: StoreOwner): StoreScope {
  if (scriptId === undefined || scriptId === null) return SHARED_SCOPE;
  checkUuid('scriptId', scriptId);
  return scriptId.toLowerCase();
}

const keyOf = (key: unknown): string => valid('key', readKey(key, 'key'));

function valid<T>(field: string, read: Read<T>): T {
  if ('problem' in read) throw new InvalidQueryError(field, read.problem);
  return read.value;
}

import { Injectable } from '@nestjs/common';
import { InvalidQueryError } from '../common/invalid-query.error.js';
import { jsonExceeds, type JsonValue, toStorableJson } from '../common/json.js';
import { DEFAULT_PAGE_LIMIT, type Page } from '../common/page.js';
import { checkFields, checkTenant, checkUuid, checkWhole, checkWord } from '../options/query-checks.js';
import { ScriptStoreRepository } from './script-store.repository.js';
import type {
  StoreEntry,
  StoreEntrySummary,
  StoreListQuery,
  StoreOwner,
  StoreSetOptions,
  StoreUsageOfTenant,
} from './script-store.types.js';
import { StoreKeyNotFoundError, StoreQuotaError, StoreScriptNotFoundError } from './store.errors.js';
import { MOST_VALUE_BYTES, type Read, readKey, readTtl } from './store.rules.js';
import { SHARED_SCOPE, type StoreScope, type StoreWrite } from './store.types.js';

const MOST_ON_PAGE = 200;

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
    if (by !== null) checkWord('by', by);
    const ttlMs = valid('ttl', readTtl(options.ttl));
    const write: StoreWrite = { kind: 'set', text: textOf(value), ttlMs };
    const scope = scopeOf(options);
    const verdict = await this.repository.write(tenantId, scope, keyOf(key), write, by);
    if (verdict === 'no-script') throw new StoreScriptNotFoundError(scope);
    if (verdict.status === 'refused') throw new StoreQuotaError(tenantId, verdict.message);
  }

  /** @throws {StoreKeyNotFoundError} */
  async delete(tenantId: string, key: string, owner: StoreOwner = {}): Promise<void> {
    await this.get(tenantId, key, owner);
    const verdict = await this.repository.write(tenantId, scopeOf(owner), key, { kind: 'delete' }, null);
    if (verdict === 'no-script') throw new StoreKeyNotFoundError(key);
  }

  /** Removes all keys of one script's store, or of the shared store. Returns their number. */
  async clear(tenantId: string, owner: StoreOwner = {}): Promise<number> {
    checkTenant(tenantId);
    checkFields('the owner', owner, ['scriptId']);
    return this.repository.clear(tenantId, scopeOf(owner));
  }

  /** How much of its quotas a tenant uses, over all its scripts. */
  async usage(tenantId: string): Promise<StoreUsageOfTenant> {
    checkTenant(tenantId);
    return this.repository.usage(tenantId);
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

/** The value as JSON text. */
function textOf(value: unknown): string {
  const rule = `value must be a JSON value of up to ${MOST_VALUE_BYTES} bytes`;
  let text: string | undefined;
  try {
    text = jsonExceeds(value, MOST_VALUE_BYTES) ? undefined : (JSON.stringify(value) as string | undefined);
  } catch {
    throw new InvalidQueryError('value', `${rule}; this one is cyclic or has a BigInt`);
  }
  if (text === undefined || Buffer.byteLength(text) > MOST_VALUE_BYTES)
    throw new InvalidQueryError('value', rule);
  if (toStorableJson(text) !== text)
    throw new InvalidQueryError('value', `${rule}, without U+0000 and without half of a surrogate pair`);
  return text;
}

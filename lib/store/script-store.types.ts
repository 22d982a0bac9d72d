import type { StoreEntryEntity } from '../entities/index.js';

/** One key of a tenant's store with its value. @publicApi */
export type StoreEntry = Omit<StoreEntryEntity, 'revision' | 'scope'> & {
  /** The script to whose store the key belongs. null: the store that all scripts of the tenant share. */
  scriptId: string | null;
};

/** One key in a list, without its value. @publicApi */
export type StoreEntrySummary = Omit<StoreEntry, 'value'>;

/** Selects a store. @publicApi */
export interface StoreOwner {
  /** The script whose store is meant. Default: the store that all scripts of the tenant share. */
  scriptId?: string | null;
}

/** Which keys to list. @publicApi */
export interface StoreListQuery extends StoreOwner {
  /** Lists only keys that begin with this text. Default: all keys. */
  prefix?: string;
  /** Keys on a page: 1 to 200, default 50. */
  limit?: number;
  /** `nextCursor` of the page before. */
  cursor?: string;
}

/** Options of `ScriptStoreService.set`. @publicApi */
export interface StoreSetOptions extends StoreOwner {
  /**
   * How long the value stays, in milliseconds or as text such as `12h`: 1 second to 366 days. Default: until it is
   * deleted.
   */
  ttl?: number | string;
  /** Who makes the change, stored with the value: an id that you choose. */
  by?: string | null;
}

/** How much of its quotas a tenant uses. @publicApi */
export interface StoreUsageOfTenant {
  keys: number;
  /** Bytes of keys and values as JSON. */
  bytes: number;
  /** The quota of keys, `limits.tenantStoreKeys`. */
  maxKeys: number;
  /** The quota of bytes, `limits.tenantStoreBytes`. */
  maxBytes: number;
}

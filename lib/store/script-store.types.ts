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

/** Options of `ScriptStoreService.delete`. @publicApi */
export interface StoreDeletionOptions extends StoreOwner {
  /** Who asks for it; the log names them. */
  by?: string | null;
}

/** Options of `ScriptStoreService.clear`. @publicApi */
export interface StoreClearOptions extends StoreDeletionOptions {
  /** Only keys that begin with this text. Default: all keys. */
  prefix?: string;
  /** Counts the keys and changes nothing. Default false. */
  dryRun?: boolean;
  /** The largest number of keys to remove, in the order of the keys: 1 to 10,000, default 10,000. */
  limit?: number;
}

/** What `ScriptStoreService.clear` did, or what it would do. @publicApi */
export interface StoreClearResult {
  dryRun: boolean;
  /** The number of keys when the call began, counted up to 10,000. */
  matched: number;
  /** Whether there were more than 10,000. */
  more: boolean;
  /** The number of keys removed; 0 for a dry run. */
  removed: number;
}

/** The size of one script's store, or of the shared store. @publicApi */
export interface StoreSize {
  /** The script whose store it is; null for the shared store. */
  scriptId: string | null;
  keys: number;
  /** Bytes of the keys, and of the values as JSON. */
  bytes: number;
}

/** The sizes of a tenant's stores. @publicApi */
export interface StoreSizes {
  /** The largest stores first, up to 200. */
  items: StoreSize[];
  /** Whether the tenant has more stores, or more than 100,000 keys. Then the sizes don't include all of them. */
  more: boolean;
}

/** How much of its quotas a tenant uses. @publicApi */
export interface StoreUsageOfTenant {
  keys: number;
  /** Bytes of the keys, and of the values as JSON. */
  bytes: number;
  /** The quota of keys, `limits.tenantStoreKeys`. */
  maxKeys: number;
  /** The quota of bytes, `limits.tenantStoreBytes`. */
  maxBytes: number;
}

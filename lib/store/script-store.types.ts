import type { StoreEntryEntity } from '../entities/index.js';

/** What a tenant's scripts remember under one key. @publicApi */
export type StoreEntry = Omit<StoreEntryEntity, 'revision' | 'scope'> & {
  /** The script whose own it is; null: all scripts of the tenant share it. */
  scriptId: string | null;
};

/** The same in a list, without the value. @publicApi */
export type StoreEntrySummary = Omit<StoreEntry, 'value'>;

/** Whose keys are meant. @publicApi */
export interface StoreOwner {
  /** A script of the tenant, for its own store. Left out or null: the store that all scripts of the tenant share. */
  scriptId?: string | null;
}

/** Which keys to list. @publicApi */
export interface StoreListQuery extends StoreOwner {
  /** Only keys that begin with it. */
  prefix?: string;
  /** Keys on a page: 1 to 200, default 50. */
  limit?: number;
  /** `nextCursor` of the page before. */
  cursor?: string;
}

/** Options of `ScriptStoreService.set`. @publicApi */
export interface StoreSetOptions extends StoreOwner {
  /** How long the value stays: a number of milliseconds or text such as `12h`, from 1 second to 366 days. Default: for ever. */
  ttl?: number | string;
  /** Who asks for it; stored with the value. */
  by?: string | null;
}

/** How much of its quotas a tenant's store takes. @publicApi */
export interface StoreUsageOfTenant {
  keys: number;
  /** Of keys and values as JSON. */
  bytes: number;
  /** `limits.tenantStoreKeys`. */
  maxKeys: number;
  /** `limits.tenantStoreBytes`. */
  maxBytes: number;
}

/** Names a store of the tenant: the id of the script that owns it, or {@link SHARED_SCOPE}. */
export type StoreScope = string;

/** The scope that all scripts of a tenant share. No script has this id. */
export const SHARED_SCOPE = 'tenant';

/** A value as it is stored. */
export interface StoredValue {
  readonly key: string;
  /** The value as JSON text. */
  readonly text: string;
  /** Grows with every change in the tenant's store. Text, because it has 64 bits. */
  readonly revision: string;
}

/** The revision of a key that doesn't exist. */
export const ABSENT = '0';

/** A part of the keys of one scope. */
export interface KeyRange {
  readonly prefix: string;
  /** Only keys after this one, in the order of code points. `''`: all. */
  readonly after: string;
}

/** The first values of a range. */
export interface StoredPage {
  readonly items: readonly StoredValue[];
  /** Whether the range has more. */
  readonly more: boolean;
}

/** What a run does to one key when it completes. */
export type StoreWrite =
  | { readonly kind: 'set'; readonly text: string; readonly ttlMs: number | null }
  | { readonly kind: 'delete' }
  /** Adds to the value that the key has then. `by` is a decimal number as text. */
  | { readonly kind: 'add'; readonly by: string; readonly ttlMs: number | null };

/** A key that a run has read, or changes. */
export interface TouchedKey {
  readonly scope: StoreScope;
  readonly key: string;
  /** The revision that the run has seen. Undefined if it has not read the key. */
  readonly seen: string | undefined;
  readonly write: StoreWrite | undefined;
}

/** Keys that a run has listed. Any later change among them changes the count or the newest revision. */
export interface SeenRange extends KeyRange {
  readonly scope: StoreScope;
  /** The last key of the range; undefined: to the end of the prefix. */
  readonly upTo: string | undefined;
  readonly count: number;
  readonly newest: string;
}

/** What a run has read and changed. */
export interface StoreChanges {
  readonly tenantId: string;
  readonly keys: readonly TouchedKey[];
  readonly ranges: readonly SeenRange[];
  /** Size of the values that it writes, in bytes. */
  readonly bytes: number;
}

/** The turn of a run at a key that another run has changed since this one read it. */
export interface StoreTurn {
  readonly tenantId: string;
  readonly executionId: string;
  readonly lost: LostKey;
}

/** What another run has changed: a key, or the prefix of keys that were listed. */
export interface LostKey {
  readonly scope: StoreScope;
  readonly key: string;
}

/** Changes of the store, with who makes them. */
export interface StoreCommit {
  readonly changes: StoreChanges;
  /** Whether they are stored even while another run has its turn. */
  readonly insists: boolean;
  /** The execution that makes them; null for the host. */
  readonly executionId: string | null;
  /** The actor for whom the host makes them. */
  readonly by: string | null;
}

/** The verdict on changes. Only accepted changes are stored. */
export type StoreVerdict =
  | { readonly status: 'accepted' }
  /** Somebody else has changed this key since it was read. */
  | { readonly status: 'conflict'; readonly lost: LostKey }
  /** Another run has its turn on a key that they change. Try again in some milliseconds. */
  | { readonly status: 'later' }
  | { readonly status: 'refused'; readonly code: StoreRefusal; readonly message: string };

/** Why changes were refused: the tenant's quota, or an addition to something that isn't a number. */
export type StoreRefusal = 'over-quota' | 'not-a-number';

/** Quotas of each tenant. */
export interface StoreQuotas {
  readonly tenantStoreKeys: number;
  readonly tenantStoreBytes: number;
}

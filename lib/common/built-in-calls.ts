/** Calls of scripts that the package answers itself. Every script may make them. */
const DIGEST_CALLS = ['sdk.hash', 'sdk.hmac'] as const;

/** An operation of a script on a store. @publicApi */
export type StoreOperation = 'get' | 'set' | 'delete' | 'increment' | 'list';
const STORE_OPERATIONS: readonly StoreOperation[] = ['get', 'set', 'delete', 'increment', 'list'];

/** A call on a store. */
export interface StoreCall {
  readonly operation: StoreOperation;
  /** True for the store that the tenant's scripts share. */
  readonly shared: boolean;
}

/** Each operation, on the script's own store and on the shared store. */
const STORE_CALLS = new Map<string, StoreCall>(
  STORE_OPERATIONS.flatMap((operation): [string, StoreCall][] => [
    [`store.${operation}`, { operation, shared: false }],
    [`store.tenant.${operation}`, { operation, shared: true }],
  ]),
);

/** The operation of a call on a store. Undefined for other calls. */
export const storeCallOf = (name: string): StoreCall | undefined => STORE_CALLS.get(name);

/** The names of all calls that the package answers itself. */
export const BUILT_IN_CALLS: ReadonlySet<string> = new Set([...DIGEST_CALLS, ...STORE_CALLS.keys()]);

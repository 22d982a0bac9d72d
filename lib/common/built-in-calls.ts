/** The calls of a script that the package answers itself, whatever bindings the script has. */
const DIGEST_CALLS = ['sdk.hash', 'sdk.hmac'] as const;

/** What a script does with its store. @publicApi */
export type StoreOperation = 'get' | 'set' | 'delete' | 'increment' | 'list';
export const STORE_OPERATIONS: readonly StoreOperation[] = ['get', 'set', 'delete', 'increment', 'list'];

/** What a call does. */
export interface StoreCall {
  readonly operation: StoreOperation;
  /** Whether on the store that the tenant's scripts share. */
  readonly shared: boolean;
}

/** Each operation on the script's own store, and on the one that a tenant's scripts share. */
const STORE_CALLS = new Map<string, StoreCall>(
  STORE_OPERATIONS.flatMap((operation): [string, StoreCall][] => [
    [`store.${operation}`, { operation, shared: false }],
    [`store.tenant.${operation}`, { operation, shared: true }],
  ]),
);

/** What a call does with the store, if it is one. */
export const storeCallOf = (name: string): StoreCall | undefined => STORE_CALLS.get(name);

/** Every name. */
export const BUILT_IN_CALLS: ReadonlySet<string> = new Set([...DIGEST_CALLS, ...STORE_CALLS.keys()]);

import type { Page } from '../common/page.js';
import type { StoreEntry, StoreEntrySummary, StoreSizes, StoreUsageOfTenant } from './script-store.types.js';
import type { KeyRange, StoreScope, StoreVerdict, StoreWrite } from './store.types.js';

/** Port: reads and changes stores for the host. Every method works on one tenant's stores. */
export abstract class ScriptStoreRepository {
  abstract find(tenantId: string, scope: StoreScope, key: string): Promise<StoreEntry | null>;

  /** Lists keys in the order of their code points. */
  abstract list(
    tenantId: string,
    scope: StoreScope,
    range: KeyRange,
    limit: number,
  ): Promise<Page<StoreEntrySummary>>;

  /** @returns `no-script` if the tenant has no script with the id that the scope names */
  abstract write(
    tenantId: string,
    scope: StoreScope,
    key: string,
    write: StoreWrite,
    by: string | null,
  ): Promise<StoreVerdict | 'no-script'>;

  /** Counts the keys of a scope that begin with the prefix, up to `upTo`. */
  abstract count(tenantId: string, scope: StoreScope, prefix: string, upTo: number): Promise<number>;

  /** Removes the first keys of a scope that begin with the prefix. Returns their number. */
  abstract clear(tenantId: string, scope: StoreScope, prefix: string, limit: number): Promise<number>;

  abstract sizes(tenantId: string): Promise<StoreSizes>;

  abstract usage(tenantId: string): Promise<StoreUsageOfTenant>;
}

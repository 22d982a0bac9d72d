import type { KeyRange, StoredPage, StoredValue, StoreScope } from './store.types.js';

/** Port: reads what a tenant's store holds now. Expired keys are left out. */
export abstract class StoreReader {
  abstract read(tenantId: string, scope: StoreScope, key: string): Promise<StoredValue | null>;

  /**
   * The first keys of a range, in the order of their code points.
   *
   * @param most.bytes total size of the values. The first value is returned whatever its size
   */
  abstract page(
    tenantId: string,
    scope: StoreScope,
    range: KeyRange,
    most: { keys: number; bytes: number },
  ): Promise<StoredPage>;
}

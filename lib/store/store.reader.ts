import type { KeyRange, StoredPage, StoredValue, StoreScope } from './store.types.js';

/** Port: what a tenant's store holds now. A key whose time is over is not there. */
export abstract class StoreReader {
  abstract read(tenantId: string, scope: StoreScope, key: string): Promise<StoredValue | null>;

  /**
   * The first keys of a range, in the order of their code points.
   *
   * @param most.bytes of values in all; the first one is there however large it is
   */
  abstract page(
    tenantId: string,
    scope: StoreScope,
    range: KeyRange,
    most: { keys: number; bytes: number },
  ): Promise<StoredPage>;
}

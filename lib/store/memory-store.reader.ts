import { StoreReader } from './store.reader.js';
import { compareKeys, entryBytes } from './store.rules.js';
import type { KeyRange, StoredPage, StoredValue, StoreScope } from './store.types.js';

/** A store in memory that never changes. */
export class MemoryStoreReader extends StoreReader {
  /** @param values JSON texts by scope and key */
  constructor(private readonly values: ReadonlyMap<StoreScope, ReadonlyMap<string, string>> = new Map()) {
    super();
  }

  async read(_tenantId: string, scope: StoreScope, key: string): Promise<StoredValue | null> {
    const text = this.values.get(scope)?.get(key);
    return text === undefined ? null : { key, text, revision: '1' };
  }

  async page(
    _tenantId: string,
    scope: StoreScope,
    { prefix, after }: KeyRange,
    most: { keys: number; bytes: number },
  ): Promise<StoredPage> {
    const found = [...(this.values.get(scope) ?? [])]
      .filter(([key]) => key.startsWith(prefix) && compareKeys(key, after) > 0)
      .toSorted(([left], [right]) => compareKeys(left, right));
    let bytes = 0;
    const items: StoredValue[] = [];
    for (const [key, text] of found) {
      if (items.length === most.keys || bytes >= most.bytes) break;
      bytes += entryBytes(key, text);
      items.push({ key, text, revision: '1' });
    }
    return { items, more: items.length < found.length };
  }
}

import { Injectable } from '@nestjs/common';
import { ScriptStoreService } from '../../store/script-store.service.js';
import { type Call, Route } from '../http/route.js';
import { pageOf } from '../schema/dto.js';
import { AdminController } from './admin.controller.js';
import { ScriptNames } from './script-names.js';
import {
  ClearStoreBody,
  ClearStoreResult,
  ListStoreKeysQuery,
  StoreEntry,
  StoreKey,
  StoreKeyQuery,
  StoreUsage,
} from './store.dto.js';

const StoreKeyPage = pageOf(StoreKey);

/**
 * The stores of a tenant's scripts. Keys and sizes count as data of the tenant, as values do. A key goes into the
 * query, because it may be longer and have other characters than servers allow in a path.
 */
@Injectable()
export class StoreController extends AdminController {
  constructor(
    private readonly store: ScriptStoreService,
    private readonly names: ScriptNames,
  ) {
    super();
  }

  @Route('GET store', {
    summary: "How much of its quota the tenant's store uses, in all and by script.",
    permission: 'data',
    answer: StoreUsage,
  })
  async getStoreUsage({ tenantId }: Call): Promise<object> {
    const [usage, { items, more }] = await Promise.all([
      this.store.usage(tenantId),
      this.store.sizes(tenantId),
    ]);
    return { ...usage, items: await this.names.besideSome(tenantId, items), more };
  }

  @Route('GET store/keys', {
    summary: "Keys of one script's store, or of the shared store, in order, without values.",
    permission: 'data',
    query: ListStoreKeysQuery,
    answer: StoreKeyPage,
  })
  listStoreKeys({ tenantId, query }: Call<ListStoreKeysQuery>): Promise<object> {
    return this.store.list(tenantId, { ...query });
  }

  @Route('GET store/entry', {
    summary: 'One key with its value.',
    permission: 'data',
    query: StoreKeyQuery,
    answer: StoreEntry,
    problems: [404],
  })
  async getStoreEntry(call: Call<StoreKeyQuery>): Promise<object> {
    const { key, scriptId } = call.query;
    const entry = await this.store.get(call.tenantId, key, { scriptId });
    return { ...entry, value: this.shown(call).data('store', entry.value) };
  }

  @Route('DELETE store/entry', {
    summary: 'Removes one key. A run in progress that has read it runs again.',
    permission: 'write',
    query: StoreKeyQuery,
    problems: [404],
  })
  deleteStoreEntry({ tenantId, query, by }: Call<StoreKeyQuery>): Promise<void> {
    const { key, scriptId } = query;
    return this.store.delete(tenantId, key, { scriptId, by });
  }

  @Route('POST store/removals', {
    summary:
      "Removes the keys of one script's store or of the shared store, all or those with a prefix. A repeated request finds only those that are left.",
    permission: 'write',
    body: ClearStoreBody,
    status: 200,
    answer: ClearStoreResult,
  })
  clearStore({ tenantId, body, by }: Call<unknown, ClearStoreBody>): Promise<object> {
    return this.store.clear(tenantId, { ...body, by });
  }
}

import { Injectable } from '@nestjs/common';
import { checkFields, checkGiven, checkWhole, checkWord, invalid } from '../options/query-checks.js';
import { ActivityRepository } from './activity.repository.js';
import type { TenantPage, TenantQuery } from './activity.types.js';

const DEFAULT_LIMIT = 50;
/** A cursor: 1 if the tenant is in trouble, otherwise 0, and the tenant's id. */
const CURSOR = /^([01]):(.{1,200})$/su;

/**
 * Shows operators the state of all tenants. It reads across tenants and changes nothing: everyone who may call it
 * learns which tenants exist.
 *
 * @publicApi
 */
@Injectable()
export class TenantsService {
  /** @internal */
  constructor(private readonly repository: ActivityRepository) {}

  /**
   * The tenants that have scripts, those in trouble first.
   *
   * @throws {InvalidQueryError} @throws {QueryTooSlowError}
   */
  async list(query: TenantQuery = {}): Promise<TenantPage> {
    checkFields('the query', query, ['q', 'limit', 'cursor']);
    const { limit = DEFAULT_LIMIT, q, cursor } = query;
    checkWhole('limit', limit, 1, 200);
    checkGiven(query, ['q'], checkWord);
    return this.repository.tenants(limit, q, cursor === undefined ? undefined : place(cursor));
  }
}

function place(cursor: unknown): { trouble: boolean; tenantId: string } {
  const [, trouble, tenantId] = (typeof cursor === 'string' && CURSOR.exec(cursor)) || [];
  if (tenantId === undefined || tenantId.includes('\0'))
    throw invalid('cursor', cursor, 'the nextCursor of a page');
  return { trouble: trouble === '1', tenantId };
}

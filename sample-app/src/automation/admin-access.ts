import type { AdminSession } from 'nestjs-scripts-event/admin';
import { PEOPLE, signedIn } from '../tenancy/people.js';
import {
  ACTOR_HEADER,
  isActorId,
  isTenantId,
  TENANT_HEADER,
  type TenantRequest,
} from '../tenancy/tenant.guard.js';

/** Request header that makes its sender an operator, who looks after all tenants. */
const OPERATOR_HEADER = 'x-operator';

const ALL = ['read', 'data', 'write', 'operate'] as const;

/**
 * Says who may use the admin page and its API: people who have signed in, and clients whose headers name a tenant's
 * administrator or an operator. An operator sees no payloads. A client without a name gets nothing.
 * Headers that the client chooses are enough for a sample. A product reads tenant and person from the verified session.
 */
export function adminAccess({ headers }: TenantRequest): AdminSession | null {
  const person = signedIn(headers.cookie);
  if (person) {
    const { name, tenants, permissions } = PEOPLE[person];
    return { actor: { id: person, name }, tenants, permissions };
  }
  const operator = headers[OPERATOR_HEADER];
  if (isActorId(operator))
    return { actor: { id: operator }, tenants: 'all', permissions: ['read', 'operate'] };
  const id = headers[ACTOR_HEADER];
  const tenantId = headers[TENANT_HEADER];
  if (!isActorId(id) || !isTenantId(tenantId)) return null;
  return { actor: { id }, tenants: [tenantId], permissions: ALL };
}

import { isId, MAX_ID } from '../../common/id.js';
import { entriesOf, hasOwnFields } from '../../options/strict-fields.js';
import { AdminAccessError } from '../admin.errors.js';
import { ADMIN_PERMISSIONS, type AdminPermission } from '../admin.options.js';
import { Problem } from '../http/problem.js';

const MAX_TENANTS = 1_000;

/** A session as `access` returned it, checked. */
export class Session {
  constructor(
    readonly actor: { readonly id: string; readonly name: string | null },
    readonly tenants: readonly string[] | 'all',
    readonly permissions: ReadonlySet<AdminPermission>,
  ) {}

  may(permission: AdminPermission): boolean {
    return this.permissions.has(permission);
  }

  /** @throws Problem 403 */
  require(permission: AdminPermission): void {
    if (this.may(permission)) return;
    throw new Problem(403, 'permission-missing', `This needs the permission "${permission}".`, {
      members: { permission },
    });
  }

  /** The tenant of a request that names none, if the session has only one. */
  get onlyTenant(): string | null {
    return this.tenants !== 'all' && this.tenants.length === 1 ? (this.tenants[0] ?? null) : null;
  }

  /**
   * The tenant of a request: the one that it names, or the session's only one. A tenant outside the session is reported
   * as not found.
   *
   * @throws Problem 400 if none is named, 404 for a tenant outside the session
   */
  tenantOf(named: unknown): string {
    const tenantId = named ?? this.onlyTenant;
    if (tenantId === null)
      throw new Problem(400, 'tenant-needed', 'Name the tenant in the query: ?tenant=…', {
        issues: [
          {
            path: 'tenant',
            code: 'required',
            message: 'Required: the session has several tenants, or none.',
          },
        ],
      });
    const known = isId(tenantId) && (this.tenants === 'all' || this.tenants.includes(tenantId));
    if (!known) throw new Problem(404, 'tenant-not-found', 'No such tenant.');
    return tenantId;
  }
}

/**
 * The session that `access` returned, or null.
 *
 * @throws AdminAccessError for anything else, because a mistake of the host must not become a right
 */
export function readSession(given: unknown): Session | null {
  if (given === null || given === undefined) return null;
  if (!hasOwnFields(given))
    throw new AdminAccessError('form', given, '{ actor, tenants, permissions }, or null for nobody');
  const { actor, tenants, permissions } = given;
  return new Session(readActor(actor), readTenants(tenants), readPermissions(permissions));
}

function readActor(actor: unknown): Session['actor'] {
  if (!hasOwnFields(actor)) throw new AdminAccessError('actor', actor, '{ id, name }');
  const { id, name = null } = actor;
  if (!isId(id)) throw new AdminAccessError('actor.id', id, `text of 1 to ${MAX_ID} characters`);
  if (name !== null && (typeof name !== 'string' || name.length > MAX_ID))
    throw new AdminAccessError('actor.name', name, `text of at most ${MAX_ID} characters`);
  return { id, name };
}

function readTenants(tenants: unknown): Session['tenants'] {
  if (tenants === 'all') return tenants;
  const listed = entriesOf(tenants, MAX_TENANTS);
  if (!listed?.every(isId))
    throw new AdminAccessError('tenants', tenants, `a list of at most ${MAX_TENANTS} tenant ids, or "all"`);
  return listed;
}

function readPermissions(permissions: unknown): ReadonlySet<AdminPermission> {
  const listed = entriesOf(permissions, 100);
  if (!listed?.every(isPermission))
    throw new AdminAccessError('permissions', permissions, `a list of ${ADMIN_PERMISSIONS.join(', ')}`);
  return new Set(listed);
}

const isPermission = (value: unknown): value is AdminPermission =>
  (ADMIN_PERMISSIONS as readonly unknown[]).includes(value);

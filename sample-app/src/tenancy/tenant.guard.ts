import { BadRequestException, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';

/** Request header that names the tenant. */
export const TENANT_HEADER = 'x-tenant-id';
/** Request header that names the acting user; optional. */
export const ACTOR_HEADER = 'x-user-id';

const TENANT_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;
const ACTOR_ID = /^[\w.@-]{1,100}$/;

export const isTenantId = (value: unknown): value is string =>
  typeof value === 'string' && TENANT_ID.test(value);
export const isActorId = (value: unknown): value is string =>
  typeof value === 'string' && ACTOR_ID.test(value);

/** The part of a request this app reads. */
export interface TenantRequest {
  headers: Record<string, string | string[] | undefined>;
  tenantId?: string;
  actorId?: string;
}

/**
 * Binds a request to one tenant, and refuses it otherwise with 400.
 * A header that the client chooses is enough for a sample. A product takes both values from the verified session.
 */
@Injectable()
export class TenantGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<TenantRequest>();
    request.tenantId = this.read(request, TENANT_HEADER, TENANT_ID, 'lower-case letters, digits and dashes');
    if (!request.tenantId)
      throw new BadRequestException(`Header ${TENANT_HEADER} is missing: name the tenant.`);
    request.actorId = this.read(request, ACTOR_HEADER, ACTOR_ID, 'letters, digits and . _ @ -');
    return true;
  }

  private read(request: TenantRequest, header: string, form: RegExp, allowed: string): string | undefined {
    const value = request.headers[header];
    if (value === undefined || (typeof value === 'string' && form.test(value))) return value;
    throw new BadRequestException(`Header ${header} is not valid: use ${allowed}.`);
  }
}

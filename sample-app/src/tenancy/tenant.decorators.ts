import {
  applyDecorators,
  Controller,
  createParamDecorator,
  UseGuards,
  type ExecutionContext,
} from '@nestjs/common';
import { TenantGuard, type TenantRequest } from './tenant.guard.js';

/** A controller whose routes serve one tenant per request. */
export const TenantController = (path: string): ClassDecorator =>
  applyDecorators(Controller(path), UseGuards(TenantGuard));

/** Parameter: the request's tenant. */
export const TenantId = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const { tenantId } = context.switchToHttp().getRequest<TenantRequest>();
  // Without this, a route that forgot the guard would query the rows of no tenant, or of all.
  if (!tenantId) throw new Error('@TenantId() is for routes of a @TenantController().');
  return tenantId;
});

/** Parameter: the actor, if the request names one. */
export const ActorId = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<TenantRequest>().actorId,
);

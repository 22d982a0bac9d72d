import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import { ACTOR_HEADER, type TenantRequest } from './tenant.guard.js';

const requests = new AsyncLocalStorage<{ actorId: string | undefined }>();

/** Who acts in the request that runs now. Scripts see it as `ctx.actor.id`. */
export const currentActor = (): string | undefined => requests.getStore()?.actorId;

/** Keeps the actor of the request, so that no service has to pass it to the events that it emits. */
@Injectable()
export class ActorMiddleware implements NestMiddleware<TenantRequest> {
  use(request: TenantRequest, _response: unknown, next: () => void): void {
    const actor = request.headers[ACTOR_HEADER];
    requests.run({ actorId: typeof actor === 'string' ? actor : undefined }, next);
  }
}

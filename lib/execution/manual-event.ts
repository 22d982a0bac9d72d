import { v7 as uuid } from 'uuid';
import type { QueuedEvent } from '../buffer/queued-event.js';
import type { Clock } from '../common/clock.js';
import { actorOf } from '../common/event-envelope.js';
import { isRecord } from '../common/json.js';
import { EventRefusedError } from '../events/events.errors.js';
import { rootCause } from '../events/loop-guard.js';
import { encodePayload } from '../events/payload-json.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';

/** Options of {@link ExecutionService.execute}: for which tenant and actor the script runs. */
export interface ManualContext {
  /** Required, unless `events.defaultTenantId` is set. */
  tenantId?: string;
  /** Shown to the script as `ctx.actor.id`, up to 200 characters. Default none. */
  actorId?: string | null;
  /** Cancels the run. */
  signal?: AbortSignal;
}

/** The event type a script sees when the host runs it directly. `script.*` belongs to this package. */
const MANUAL_EVENT_TYPE = 'script.invoked';

/** A queued event for a direct call. @throws EventRefusedError when `data` cannot be a payload */
export function manualEvent(
  scriptId: string,
  tenantId: string,
  data: unknown,
  { actorId }: ManualContext,
  { maxPayloadBytes, maxExecutionsPerRoot }: ResolvedOptions['events'],
  clock: Clock,
): QueuedEvent {
  if (!isRecord(data)) {
    throw new EventRefusedError(MANUAL_EVENT_TYPE, 'not-an-object', "the script's data must be an object");
  }
  const id = uuid();
  const now = clock.now();
  return {
    id,
    type: MANUAL_EVENT_TYPE,
    tenantId,
    scriptId,
    payload: encodePayload(MANUAL_EVENT_TYPE, data, maxPayloadBytes),
    occurredAt: new Date(now).toISOString(),
    actor: actorOf(actorId),
    cause: rootCause(id, maxExecutionsPerRoot),
    attempt: 1,
    enqueuedAt: now,
  };
}

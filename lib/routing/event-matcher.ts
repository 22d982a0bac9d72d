import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { QueuedEvent } from '../buffer/queued-event.js';
import { Clock } from '../common/clock.js';
import type { DomainEvent } from '../events/domain-event.js';
import { queuedCauses } from '../events/loop-guard.js';
import { MetricsRecorder } from '../metrics/metrics.recorder.js';
import { type IndexedScript, ScriptIndex } from '../scripts/script-index.js';

/** Whom an event concerns. */
export interface EventMatch {
  /** Active and disabled scripts of the tenant that listen to the type. */
  readonly listening: number;
  /** One queued event for each of these scripts whose filter matches. */
  readonly queued: readonly QueuedEvent[];
}

const NOBODY: EventMatch = Object.freeze({ listening: 0, queued: [] });

/** Finds the scripts of an event in memory and makes the queued events for them. */
@Injectable()
export class EventMatcher {
  constructor(
    private readonly index: ScriptIndex,
    private readonly metrics: MetricsRecorder,
    private readonly clock: Clock,
  ) {}

  /** Whether a script runs; a disabled one listens only, and what comes for it is kept. */
  runs(scriptId: string): boolean {
    return this.index.get(scriptId) !== undefined;
  }

  match(event: DomainEvent): EventMatch {
    if (!this.index.has(event.type, event.tenantId)) return NOBODY;
    const payload: unknown = JSON.parse(event.payload);
    const { listening, matched } = this.index.match(event.type, event.tenantId, payload);
    const filtered = listening - matched.length;
    if (filtered > 0) this.metrics.eventFiltered(event.type, filtered);
    if (matched.length > 0) this.metrics.eventMatched(event.type, matched.length);
    const causes = queuedCauses(event.cause, matched.length);
    const enqueuedAt = this.clock.now();
    const queued = matched.map((script, at): QueuedEvent => ({
      tenantId: event.tenantId,
      scriptId: script.id,
      eventId: event.id,
      eventType: event.type,
      payload: event.payload,
      occurredAt: event.occurredAt,
      actorId: event.actor?.id ?? null,
      cause: causes[at] ?? event.cause,
      attempt: 1,
      enqueuedAt,
      ...orderingOf(script, payload),
    }));
    return { listening, queued };
  }
}

/** An event without a key is in no order: whoever waits for it would wait for what nobody has asked for. */
function orderingOf({ ordering }: IndexedScript, payload: unknown): Pick<QueuedEvent, 'ordering'> {
  const key = ordering?.keyOf(payload);
  if (!ordering || key === undefined) return {};
  return { ordering: { key: key.length <= MAX_KEY ? key : digestOf(key), onFailure: ordering.onFailure } };
}

/** Longest key that is stored as it is; a longer one is stored as its digest. */
const MAX_KEY = 200;

const digestOf = (key: string): string => `sha256:${createHash('sha256').update(key).digest('hex')}`;

import { NO_SPANS } from '../../lib/tracing/script-spans.js';
import { Clock } from '../../lib/common/clock.js';
import type { EventEnvelope } from '../../lib/common/event-envelope.js';
import { EventRouter, type PreparedEvents, type RouteResult } from '../../lib/events/event-router.js';
import { EventCapture } from '../../lib/events/event-capture.js';
import { EventRegistry } from '../../lib/events/event-registry.js';
import { ScriptPresence } from '../../lib/events/script-presence.js';
import { InMemoryMetricsRecorder } from '../../lib/metrics/in-memory.metrics.js';
import { resolveOptions } from '../../lib/options/resolve-options.js';
import type { EventsOptions } from '../../lib/options/events.options.js';

/** When each captured event occurs, unless the test sets another time. */
export const NOW = '2026-03-04T05:06:07.000Z';

export class FixedClock extends Clock {
  time = Date.parse(NOW);
  now(): number {
    return this.time;
  }
}

/** Remembers the events that it routes. */
class RecordingRouter extends EventRouter {
  readonly events: EventEnvelope[] = [];
  route(event: EventEnvelope): RouteResult {
    this.events.push(event);
    return { scripts: 1, filtered: 0, queued: 1, kept: 0, dropped: 0, deferred: false };
  }
  async routePublished(events: readonly EventEnvelope[]): Promise<RouteResult[]> {
    return events.map((event) => this.route(event));
  }
  async preparePublished(events: readonly EventEnvelope[]): Promise<PreparedEvents> {
    return { store: async () => undefined, route: () => this.routePublished(events) };
  }
}

/** By default every tenant has a script for every type. */
class FixedPresence extends ScriptPresence {
  heard = true;
  readonly asked: [string, string][] = [];
  has(eventType: string, tenantId: string): boolean {
    this.asked.push([eventType, tenantId]);
    return this.heard;
  }
}

/** An `EventCapture`, with the parts around it for the test to look at. */
export function captureFor(events: Partial<EventsOptions> = {}) {
  const options = resolveOptions({ events }, {});
  const registry = new EventRegistry(options.events.types);
  const router = new RecordingRouter();
  const presence = new FixedPresence();
  const metrics = new InMemoryMetricsRecorder();
  const clock = new FixedClock();
  const capture = new EventCapture(
    registry,
    options,
    clock,
    presence,
    router,
    metrics,
    {
      seen: () => undefined,
    } as never,
    NO_SPANS,
  );
  return { capture, clock, metrics, options, presence, registry, router };
}

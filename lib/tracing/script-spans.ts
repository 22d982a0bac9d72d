import { type KnownTypes, typeLabel } from '../common/event-type-label.js';
import { type EventTrace, type SpanReference, traceOf } from '../common/event-trace.js';
import { type GuardedTracing, NOT_TRACED, type ScriptSpan } from './script-span.js';

/** The fields of an event that its spans need. A queued event has them. */
interface TracedEvent {
  readonly id: string;
  readonly type: string;
  readonly tenantId: string;
  readonly scriptId: string;
  readonly attempt: number;
  readonly trace?: EventTrace | undefined;
}

/** A queued event that has just been made. */
type FreshEvent = TracedEvent & { trace?: EventTrace | undefined };

/** The fields of a run that its span needs. An execution request has them. */
export interface TracedRun {
  readonly event: TracedEvent;
  readonly trigger: 'event' | 'retry' | 'replay' | 'manual' | 'test';
  readonly deadLetterId?: string | undefined;
  /** The span of the attempt before. */
  readonly before?: SpanReference | undefined;
}

/**
 * If an event was queued for longer than this, in milliseconds, its run begins a trace of its own. By then few people
 * still look at the publisher's trace, and a system that samples whole traces has decided whether to keep it.
 */
const LONGEST_WAIT_MS = 600_000;

/**
 * Makes the spans of an application. Their content comes from the host or this package: event types that the host has
 * declared appear by name, all others as `custom`.
 *
 * ```
 * publish {type}, for each queued event: in the span that is active ──► process {type}: in it, and linked to it
 *     │                                                                   ├ call {binding} ──► {METHOD} of http.fetch
 *     │                                                                   └ publish custom: what the script publishes
 *     └ link: a retry, a replay, more than 10 minutes later ┄┄┄┄┄┄┄┄┄► process {type}: a trace of its own
 *                                                                            └ link ┄┄► the attempt before
 * ```
 *
 * Without tracing, no span is made, and an event keeps the trace that another node gave it.
 */
export class ScriptSpans {
  constructor(
    private readonly tracing: GuardedTracing | undefined,
    private readonly types: KnownTypes,
  ) {}

  /** The span that is active in the host's code. */
  active(): EventTrace | undefined {
    return this.tracing?.active();
  }

  /**
   * Makes the `publish` span of each queued event and writes its place into the event. Nobody else has the event yet,
   * and a copy would take longer than everything else here.
   *
   * @param parent the span in which the event was published
   */
  publish(events: readonly TracedEvent[], parent: EventTrace | undefined): void {
    const { tracing } = this;
    if (!tracing && !parent) return;
    for (const event of events as readonly FreshEvent[]) {
      event.trace = tracing ? this.published(tracing, event, parent) : parent;
    }
  }

  private published(
    tracing: GuardedTracing,
    event: TracedEvent,
    parent: EventTrace | undefined,
  ): EventTrace | undefined {
    const type = typeLabel(this.types, event.type);
    const attributes = attributesOf(event, type, 'publish', 'send');
    const span = tracing.begin({ name: `publish ${type}`, kind: 'producer', parent, attributes });
    span.end();
    return span.trace;
  }

  /** Begins the span of a run. */
  run(run: TracedRun, version: number, executionId: string, queueMs: number): ScriptSpan {
    if (!this.tracing) return NOT_TRACED;
    const { event, trigger, deadLetterId, before } = run;
    const type = typeLabel(this.types, event.type);
    const name = NAMES[trigger];
    const attributes = attributesOf(event, type, name, 'process');
    attributes['scripts_event.script.version'] = version;
    attributes['scripts_event.execution.id'] = executionId;
    attributes['scripts_event.trigger'] = trigger;
    attributes['scripts_event.queue_ms'] = queueMs;
    if (deadLetterId !== undefined) attributes['scripts_event.dead_letter.id'] = deadLetterId;
    // The caller waits for this run; it was in no queue.
    if (name !== 'process')
      return this.tracing.begin({ name, kind: 'internal', parent: event.trace, attributes });
    const parent = trigger === 'event' && queueMs <= LONGEST_WAIT_MS ? event.trace : undefined;
    const links = event.trace ? [event.trace] : [];
    if (before) links.push(traceOf(before));
    return this.tracing.begin({ name: `process ${type}`, kind: 'consumer', parent, links, attributes });
  }
}

const NAMES = {
  event: 'process',
  retry: 'process',
  replay: 'process',
  manual: 'execute',
  test: 'test',
} as const;

/** Names of OpenTelemetry's semantic conventions for messaging, and our own. */
const attributesOf = (
  { id, tenantId, scriptId, attempt }: TracedEvent,
  type: string,
  operation: string,
  kind: 'send' | 'process',
): Record<string, string | number> => ({
  'messaging.system': 'scripts_event',
  'messaging.operation.name': operation,
  'messaging.operation.type': kind,
  'messaging.destination.name': type,
  'messaging.message.id': id,
  'scripts_event.tenant.id': tenantId,
  'scripts_event.script.id': scriptId,
  'scripts_event.attempt': attempt,
});

/** Makes no spans. @internal for tests */
export const NO_SPANS = new ScriptSpans(undefined, {
  has: () => false,
  [Symbol.iterator]: () => [][Symbol.iterator](),
});

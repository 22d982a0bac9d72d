import type { EventTrace } from '../common/event-trace.js';

/** Values of a span, by name. None is written by a tenant. @publicApi */
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** A span that begins now. @publicApi */
export interface SpanStart {
  readonly name: string;
  /**
   * `producer`: an event is published. `consumer`: a script runs for it. `internal`: a call of a binding, or a run that
   * somebody waits for. `client`: a request of `http.fetch`.
   */
  readonly kind: 'producer' | 'consumer' | 'internal' | 'client';
  /** The span that it belongs to. Left out: it begins a trace of its own, whatever span is active. */
  readonly parent?: EventTrace | undefined;
  /** Spans of other times that led to it. */
  readonly links: readonly EventTrace[];
  readonly attributes: SpanAttributes;
}

/** A span of a {@link Tracing}. @publicApi */
export interface TracingSpan {
  /** Where it is, for what follows from it. Undefined if nothing can follow. */
  readonly trace: EventTrace | undefined;
  /**
   * Calls `fn` once while the span is active, and returns its result. In a span of the kind `client`, other
   * instrumentation makes no spans and sends no trace.
   */
  within<T>(fn: () => T): T;
  /**
   * Ends the span.
   *
   * @param attributes values that are known only now
   * @param error what failed, one of a few words; left out if nothing did
   */
  end(attributes: SpanAttributes, error?: string): void;
}

/**
 * Port: makes spans of what happens to an event, for a tracing system. Hosts set it with the option `tracing.adapter`;
 * `openTelemetryTracing()` of `nestjs-scripts-event/opentelemetry` is one. Without it, nothing is traced.
 *
 * Both methods are called for each event and must return quickly. An error in them is logged; the event goes on as if
 * there were no tracing.
 *
 * @publicApi
 */
export abstract class Tracing {
  /** The span that is active where it is called, in code of the host. Undefined if there is none. */
  abstract active(): EventTrace | undefined;

  abstract start(span: SpanStart): TracingSpan;
}

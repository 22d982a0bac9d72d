import type { EventTrace } from '../common/event-trace.js';

/** Attributes of a span by name. No value is written by a tenant. @publicApi */
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** A span that begins now. @publicApi */
export interface SpanStart {
  readonly name: string;
  /**
   * `producer`: an event is published. `consumer`: a script runs for it. `internal`: a call of a binding, or a run that
   * somebody waits for. `client`: a request of `http.fetch`.
   */
  readonly kind: 'producer' | 'consumer' | 'internal' | 'client';
  /** The parent. Left out: the span begins a trace, whatever span is active. */
  readonly parent?: EventTrace | undefined;
  /** Earlier spans that led to this one. */
  readonly links: readonly EventTrace[];
  readonly attributes: SpanAttributes;
}

/** A span of a {@link Tracing}. @publicApi */
export interface TracingSpan {
  /** The place of the span in its trace, for spans that follow. Undefined if nothing can follow. */
  readonly trace: EventTrace | undefined;
  /**
   * Calls `fn` once while the span is active, and returns its result. In a span of the kind `client`, other
   * instrumentation makes no spans and sends no trace.
   */
  within<T>(fn: () => T): T;
  /**
   * Ends the span.
   *
   * @param attributes attributes that are known only at the end
   * @param error one of a few words for what failed; left out if nothing failed
   */
  end(attributes: SpanAttributes, error?: string): void;
}

/**
 * Port: makes spans for a tracing system. Set one with the option `tracing.adapter`, for example
 * `openTelemetryTracing()` of `nestjs-scripts-event/opentelemetry`. Without it, nothing is traced.
 *
 * Both methods are called for each event and must return quickly. If one throws, the error is logged, and the event
 * continues without tracing.
 *
 * @publicApi
 */
export abstract class Tracing {
  /** The span that is active in the code that calls this. Undefined if there is none. */
  abstract active(): EventTrace | undefined;

  abstract start(span: SpanStart): TracingSpan;
}

import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  createTraceState,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import type { EventTrace } from '../common/event-trace.js';
import { VERSION } from '../common/version.js';
import { type SpanAttributes, type SpanStart, Tracing, type TracingSpan } from '../tracing/tracing.js';

/** Options of {@link openTelemetryTracing}. @publicApi */
export interface OpenTelemetryTracingOptions {
  /** Default: the provider that is registered when the first span begins, such as the one of `NodeSDK`. */
  tracerProvider?: TracerProvider;
}

/**
 * Makes spans with `@opentelemetry/api`. Without a registered SDK, they are no-ops.
 *
 * ```ts
 * ScriptsEventModule.forRoot({ tracing: { adapter: openTelemetryTracing() } });
 * ```
 *
 * @publicApi
 */
export const openTelemetryTracing = ({ tracerProvider }: OpenTelemetryTracingOptions = {}): Tracing =>
  new OpenTelemetryTracing((tracerProvider ?? trace).getTracer('nestjs-scripts-event', VERSION));

class OpenTelemetryTracing extends Tracing {
  constructor(private readonly tracer: Tracer) {
    super();
  }

  active(): EventTrace | undefined {
    const span = trace.getActiveSpan();
    return span && written(span.spanContext());
  }

  start({ name, kind, parent, links, attributes }: SpanStart): TracingSpan {
    const isRemote = kind === 'consumer';
    const above = parent && read(parent, isRemote);
    const linked: Link[] = [];
    for (const link of links) {
      const spanContext = link === parent ? above : read(link, isRemote);
      if (spanContext) linked.push({ context: spanContext });
    }
    // The active context is not used: it may belong to another request, and the span outlives it.
    const base = above ? trace.setSpanContext(ROOT_CONTEXT, above) : ROOT_CONTEXT;
    const options = { kind: KINDS[kind], attributes: attributes as Attributes, links: linked };
    const span = this.tracer.startSpan(name, options, base);
    // A span that is not recorded, such as a no-op, has its parent's span context, whose text is already known.
    const place = above && span.spanContext() === above ? parent : written(span.spanContext());
    return new OpenTelemetrySpan(span, place, kind === 'client');
  }
}

class OpenTelemetrySpan implements TracingSpan {
  readonly trace: EventTrace | undefined;

  constructor(
    private readonly span: Span,
    place: EventTrace | undefined,
    private readonly isLast: boolean,
  ) {
    this.trace = place;
  }

  within<T>(fn: () => T): T {
    const active = trace.setSpan(ROOT_CONTEXT, this.span);
    return context.with(this.isLast ? quiet(active) : active, fn);
  }

  end(attributes: SpanAttributes, error?: string): void {
    this.span.setAttributes(attributes as Attributes);
    if (error !== undefined) {
      this.span.setAttribute('error.type', error);
      this.span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.span.end();
  }
}

const KINDS = {
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
};

/**
 * The key that tells OpenTelemetry's SDKs and propagators to do nothing. A key is a symbol of the global registry,
 * found by its name, so the package of the SDK isn't needed.
 */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/**
 * Without this, instrumentation of an HTTP client would send the trace to every host, and write addresses of tenants
 * into spans.
 */
const quiet = (active: Context): Context => active.setValue(SUPPRESS_TRACING, true);

/** A span context as text. Undefined if it is invalid, as it is without an SDK. */
function written(spanContext: SpanContext): EventTrace | undefined {
  if (!isSpanContextValid(spanContext)) return undefined;
  const { traceId, spanId, traceFlags, traceState } = spanContext;
  const flags = traceFlags < 16 ? `0${traceFlags.toString(16)}` : traceFlags.toString(16);
  const traceparent = `00-${traceId}-${spanId}-${flags}`;
  const tracestate = traceState?.serialize();
  return tracestate ? { traceparent, tracestate } : { traceparent };
}

/** `00-`, 32 digits, `-`, 16 digits, `-`, 2 digits (W3C Trace Context, section 3.2). */
const LENGTH = 55;

/**
 * Reads a span context from text. Undefined if it is malformed: somebody may have changed the row that it comes from.
 * Cuts by position, because a regular expression costs more than everything else about a span that is not recorded.
 */
function read({ traceparent, tracestate }: EventTrace, isRemote: boolean): SpanContext | undefined {
  if (typeof traceparent !== 'string' || traceparent.length < LENGTH) return undefined;
  const traceFlags = Number.parseInt(traceparent.slice(53, LENGTH), 16);
  const spanContext: SpanContext = {
    traceId: traceparent.slice(3, 35),
    spanId: traceparent.slice(36, 52),
    traceFlags,
    isRemote,
  };
  if (Number.isNaN(traceFlags) || !isSpanContextValid(spanContext)) return undefined;
  if (typeof tracestate === 'string') spanContext.traceState = createTraceState(tracestate);
  return spanContext;
}

import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  createTraceState,
  isSpanContextValid,
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
  /** Default: the provider that is registered when the first span begins, such as that of `NodeSDK`. */
  tracerProvider?: TracerProvider;
}

/**
 * Spans for OpenTelemetry, by `@opentelemetry/api`. Without a registered SDK its spans are no-ops.
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
    const contextOf = (place: EventTrace | undefined): SpanContext | undefined =>
      place && read(place, isRemote);
    const above = contextOf(parent);
    const linked = links.map(contextOf).filter((found) => found !== undefined);
    // Never the context that is active: what runs here was asked for by somebody else, and outlives it.
    const base = above ? trace.setSpanContext(ROOT_CONTEXT, above) : ROOT_CONTEXT;
    const span = this.tracer.startSpan(
      name,
      {
        kind: KINDS[kind],
        attributes: attributes as Attributes,
        links: linked.map((spanContext) => ({ context: spanContext })),
      },
      base,
    );
    return new OpenTelemetrySpan(span, kind === 'client');
  }
}

class OpenTelemetrySpan implements TracingSpan {
  readonly trace: EventTrace | undefined;

  constructor(
    private readonly span: Span,
    private readonly isLast: boolean,
  ) {
    this.trace = written(span.spanContext());
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
 * The key by which OpenTelemetry's SDKs and propagators find out that they should do nothing. A key is the same symbol
 * for everybody who names it; the function that sets it is in a package of the SDK.
 */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** Instrumentation of an HTTP client would send the trace to every host, and write addresses of tenants into spans. */
const quiet = (active: Context): Context => active.setValue(SUPPRESS_TRACING, true);

/** Undefined for the place of a span that is none, as of an API without an SDK. */
function written(spanContext: SpanContext): EventTrace | undefined {
  if (!isSpanContextValid(spanContext)) return undefined;
  const { traceId, spanId, traceFlags, traceState } = spanContext;
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  const tracestate = traceState?.serialize();
  return tracestate ? { traceparent, tracestate } : { traceparent };
}

// W3C Trace Context, section 3.2.2: later versions may add fields after these.
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

/** Undefined for what is no place: it comes from rows, which somebody may have changed. */
function read({ traceparent, tracestate }: EventTrace, isRemote: boolean): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const spanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote,
    ...(typeof tracestate === 'string' && { traceState: createTraceState(tracestate) }),
  };
  return isSpanContextValid(spanContext) ? spanContext : undefined;
}

import { type Attributes, context, SpanKind, type Span, trace, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { openTelemetryTracing } from '../../lib/opentelemetry/index.js';
import type { Tracing } from '../../lib/index.js';
import { waitFor } from './wait-for.js';

/** What a test looks at in a span. */
export interface RecordedSpan {
  name: string;
  kind: string;
  traceId: string;
  spanId: string;
  /** Id of the span above; undefined for the first one of a trace. */
  parent: string | undefined;
  /** Ids of linked spans. */
  links: string[];
  attributes: Attributes;
}

/** An SDK whose spans stay in memory. */
export class RecordedSpans {
  private readonly exporter = new InMemorySpanExporter();
  private readonly provider: BasicTracerProvider;

  constructor(sampler?: Sampler) {
    this.provider = new BasicTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(this.exporter)],
      ...(sampler && { sampler }),
    });
  }

  /** For the option `tracing.adapter`. */
  get tracing(): Tracing {
    return openTelemetryTracing({ tracerProvider: this.provider });
  }

  get tracer(): Tracer {
    return this.provider.getTracer('host');
  }

  /** The spans that have ended, in the order in which they ended. */
  get all(): RecordedSpan[] {
    return this.exporter.getFinishedSpans().map(recorded);
  }

  /** Everything that an exporter gets of the spans, as text. */
  get text(): string {
    return JSON.stringify(
      this.exporter.getFinishedSpans().map(({ name, attributes, events, links, status, resource }) => ({
        name,
        attributes,
        events,
        links,
        status,
        resource: resource.attributes,
      })),
    );
  }

  named(name: string): RecordedSpan[] {
    return this.all.filter((span) => span.name === name);
  }

  /** Waits until `count` spans with the name have ended. */
  async ended(name: string, count = 1): Promise<RecordedSpan[]> {
    return waitFor(`${count} spans ${name} have ended`, () => {
      const found = this.named(name);
      return found.length >= count ? found : undefined;
    });
  }

  /** Runs `fn` as a request of the host, in a span that is active. */
  async request<T>(fn: () => T | Promise<T>): Promise<{ answer: T; span: Span }> {
    return this.tracer.startActiveSpan('request', { kind: SpanKind.SERVER }, async (span) => {
      try {
        return { answer: await fn(), span };
      } finally {
        span.end();
      }
    });
  }

  forget(): void {
    this.exporter.reset();
  }
}

/** Makes spans active as an SDK for Node.js does, for the tests of a file. */
export function keepContexts(): void {
  beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
  afterAll(() => context.disable());
}

/** Id of the span that is active here. */
export const activeSpan = (): string | undefined => trace.getActiveSpan()?.spanContext().spanId;

const recorded = (span: ReadableSpan): RecordedSpan => ({
  name: span.name,
  kind: SpanKind[span.kind],
  traceId: span.spanContext().traceId,
  spanId: span.spanContext().spanId,
  parent: span.parentSpanContext?.spanId,
  links: span.links.map((link) => link.context.spanId),
  attributes: span.attributes,
});

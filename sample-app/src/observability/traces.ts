import type { IncomingMessage, ServerResponse } from 'node:http';
import { context, type Context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';

const SERVICE = 'back-office';

/** Sends the spans of this process to a collector, such as the Jaeger of docker-compose.yml. */
export class Traces {
  private readonly provider: BasicTracerProvider;

  constructor(exporter: SpanExporter) {
    this.provider = new BasicTracerProvider({
      resource: resourceFromAttributes({ 'service.name': SERVICE }),
      spanProcessors: [new BatchSpanProcessor(exporter)],
    });
    trace.setGlobalTracerProvider(this.provider);
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  }

  /** Call it before the application is created. Without an endpoint, returns undefined, and nothing is traced. */
  static start(endpoint: string | undefined): Traces | undefined {
    if (!endpoint) return undefined;
    return new Traces(new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` }));
  }

  /** Sends the remaining spans. Call it after the application has stopped. Doesn't fail if the collector is away. */
  async stop(): Promise<void> {
    await this.provider.shutdown().catch((error: unknown) => console.error(error));
    trace.disable();
    context.disable();
  }
}

/** The fields that Express adds to a request. */
type Incoming = IncomingMessage & { path: string; route?: { path: string } };

/** Makes a span for each request, in which its events are published. In a product, OpenTelemetry's instrumentation does that. */
export function traceRequest(request: Incoming, response: ServerResponse, next: () => void): void {
  const { method = 'GET', path } = request;
  const attributes = { 'http.request.method': method, 'url.path': path };
  const span = trace.getTracer(SERVICE).startSpan(method, { kind: SpanKind.SERVER, attributes });
  response.once('close', () => {
    const route = request.route?.path;
    if (route) span.updateName(`${method} ${route}`).setAttribute('http.route', route);
    span.setAttribute('http.response.status_code', response.statusCode);
    if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  const inSpan: Context = trace.setSpan(context.active(), span);
  context.with(inSpan, next);
}

import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { openTelemetryTracing } from 'nestjs-scripts-event/opentelemetry';
import { Traces } from '../src/observability/traces.js';
import { BackOffice } from './support/back-office.js';

/** Keeps the spans that were sent, even after its shutdown. */
class Sent extends InMemorySpanExporter {
  spans: ReadableSpan[] = [];

  override async shutdown(): Promise<void> {
    this.spans = this.getFinishedSpans();
    await super.shutdown();
  }

  named(name: string): { traceId: string; spanId: string; parent: string | undefined } {
    const span = this.spans.find((one) => one.name === name);
    if (!span) throw new Error(`${name} is not among ${this.spans.map((one) => one.name).join(', ')}`);
    const { traceId, spanId } = span.spanContext();
    return { traceId, spanId, parent: span.parentSpanContext?.spanId };
  }
}

describe('the traces of the sample', () => {
  it('connect a request with the script that runs for its event', async () => {
    const sent = new Sent();
    const traces = new Traces(sent);
    const office = await BackOffice.start({ tracing: { adapter: openTelemetryTracing() } });
    await office.script('traced', 'user.created', 'return 1;');
    const user = { email: 'ada@acme.com', firstName: 'Ada', lastName: 'King', password: 'analytical engine' };
    await office.send('post', '/users', 'traced').send(user).expect(201);
    await office.items('traced', '/executions', 1);
    await office.stop();
    await traces.stop();

    const { traceId, spanId } = sent.named('POST /users');
    const publish = sent.named('publish user.created');
    expect(publish).toMatchObject({ traceId, parent: spanId });
    expect(sent.named('process user.created')).toMatchObject({ traceId, parent: publish.spanId });
  });

  it('are not made without an endpoint', () => {
    expect(Traces.start(undefined)).toBeUndefined();
    expect(Traces.start('')).toBeUndefined();
  });
});

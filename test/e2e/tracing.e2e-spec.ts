import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import {
  DeadLetterService,
  DomainEventPublisher,
  ExecutionService,
  HOST_EVENTS,
  ScriptBinding,
  type SpanStart,
  TestRunService,
  Tracing,
  type TracingSpan,
  type ScriptsEventModuleOptions,
} from '../../lib/index.js';
import { retryNow } from '../../lib/testing/index.js';
import { activeSpan, keepContexts, type RecordedSpan, RecordedSpans } from '../support/recorded-spans.js';
import { itInFull, onBothBuffers } from '../support/test-form.js';
import { durableHost } from './support/durable-host.js';
import { ADA, sharedHost, TestHost } from './support/test-host.js';
import { waitFor } from '../support/wait-for.js';

keepContexts();

const spans = new RecordedSpans();
afterEach(() => {
  spans.forget();
  seen.length = 0;
  switchable.isBroken = false;
});

/** The tracing of the host, which a test can make fail. */
class SwitchableTracing extends Tracing {
  isBroken = false;
  private readonly working = spans.tracing;

  active() {
    this.mayThrow();
    return this.working.active();
  }

  start(span: SpanStart): TracingSpan {
    this.mayThrow();
    return this.working.start(span);
  }

  private mayThrow(): void {
    if (this.isBroken) throw new Error('the tracer is broken');
  }
}
const switchable = new SwitchableTracing();

/** The span that was active at each place. */
const seen: { place: string; span: string | undefined }[] = [];
const note = (place: string): void => void seen.push({ place, span: activeSpan() });

@Injectable()
class Bindings {
  @ScriptBinding('host.ask')
  async ask(): Promise<string> {
    note('binding');
    await new Promise(setImmediate);
    spans.tracer.startSpan('query').end();
    return 'CANARY-ANSWER';
  }
}

type Start = (options?: ScriptsEventModuleOptions) => Promise<TestHost>;
const MODES: [[string, Start], [string, Start]] = [
  ['memory', (options) => TestHost.start({ providers: [Bindings], options })],
  ['durable', (options) => durableHost(options, undefined, [Bindings])],
];

// No dead letter is due again before a test makes it due.
const TRACED = {
  tracing: { adapter: switchable },
  retry: { interval: '1h', maxRetries: 2, initialDelay: '1h', maxDelay: '1h' },
} as const;
const bindings = ['host.ask'];
const idsOf = async (host: TestHost): Promise<{ traceId: string | null; spanId: string | null }[]> =>
  host.database.dataSource.query(
    'SELECT trace_id AS "traceId", span_id AS "spanId" FROM script_executions ORDER BY id',
  );
const only = <T>(list: readonly T[]): T => {
  expect(list).toHaveLength(1);
  return list[0] as T;
};
const referenceOf = ({ traceId, spanId }: RecordedSpan) => ({ traceId, spanId });

describe.each(onBothBuffers(MODES))('the spans of an event, with the %s buffer,', (_mode, start) => {
  const shared = sharedHost(() => start(TRACED));

  it('connect the request with the last script that it led to, in one trace, with ids and without text of a tenant', async () => {
    const host = shared();
    for (const name of [HOST_EVENTS.executionCompleted, HOST_EVENTS.scriptEvent])
      host.get(EventEmitter2).on(name, () => note('listener'));
    const first = await host.script(
      `sdk.log.info('CANARY-LOG'); events.publish('canary.named', { text: 'CANARY-PUBLISHED' });
       return [await host.ask('CANARY-INPUT'), 'CANARY-RESULT'];`,
      { bindings, name: 'CANARY-NAME' },
    );
    const second = await host.script('return ctx.input', { eventTypes: ['canary.named'] });
    const event = { ...ADA, firstName: 'CANARY-PAYLOAD', tenantId: 'acme' };
    const { span } = await spans.request(() => host.emit('user.created', event));
    const [follower] = await spans.ended('process custom');
    const publish = only(spans.named('publish user.created'));
    const process = only(spans.named('process user.created'));
    const child = only(spans.named('publish custom'));
    const call = only(spans.named('call host.ask'));
    expect(publish).toMatchObject({ kind: 'PRODUCER', parent: span.spanContext().spanId });
    expect(process).toMatchObject({ kind: 'CONSUMER', parent: publish.spanId, links: [publish.spanId] });
    expect(call).toMatchObject({ kind: 'INTERNAL', parent: process.spanId });
    expect(only(spans.named('query')).parent).toBe(call.spanId);
    expect(child).toMatchObject({ kind: 'PRODUCER', parent: process.spanId });
    expect(follower).toMatchObject({ parent: child.spanId, links: [child.spanId] });
    expect(new Set(spans.all.map(({ traceId }) => traceId)).size).toBe(1);

    const rows = await host.executed(2);
    const { id, eventId } = rows[0] as (typeof rows)[number];
    const common = {
      'messaging.system': 'scripts_event',
      'messaging.destination.name': 'user.created',
      'messaging.message.id': eventId,
      'scripts_event.tenant.id': 'acme',
      'scripts_event.script.id': first,
      'scripts_event.attempt': 1,
    };
    const operation = (name: string, type: string) => ({
      'messaging.operation.name': name,
      'messaging.operation.type': type,
    });
    expect(publish.attributes).toEqual({ ...common, ...operation('publish', 'send') });
    expect(process.attributes).toEqual({
      ...common,
      ...operation('process', 'process'),
      'scripts_event.script.version': 1,
      'scripts_event.execution.id': id,
      'scripts_event.trigger': 'event',
      'scripts_event.queue_ms': expect.any(Number),
      'scripts_event.cpu_ms': expect.any(Number),
    });
    expect(follower?.attributes).toMatchObject({ 'scripts_event.script.id': second });
    expect(await idsOf(host)).toEqual([referenceOf(process), referenceOf(follower as RecordedSpan)]);
    expect(spans.text).not.toMatch(/canary/i);

    // A binding runs in the span of its call. Listeners of the package's events run in no span.
    expect(only(seen.filter(({ place }) => place === 'binding')).span).toBe(call.spanId);
    expect(new Set(seen.filter(({ place }) => place === 'listener').map((at) => at.span))).toEqual(
      new Set([undefined]),
    );
  });

  it('are a new trace for each retry and replay, linked to the publisher and to the attempt before', async () => {
    const host = shared();
    await host.script('throw new Error("CANARY-ERROR")', { eventTypes: ['user.deleted'] });
    await spans.request(() =>
      host.get(DomainEventPublisher).publish('user.deleted', ADA, { tenantId: 'acme' }),
    );
    const { id } = await host.deadLetter('pending');
    // The retries run in a request, which must not become their parent.
    for (const runs of [2, 3]) {
      await spans.request(async () => {
        await host.database.dataSource.query('UPDATE dead_letter_queue SET next_retry_at = now()');
        await retryNow(host.app);
      });
      await spans.ended('process user.deleted', runs);
      await waitFor('the attempt is stored', async () => {
        const retrying = `SELECT FROM dead_letter_queue WHERE status = 'retrying'`;
        return (await host.database.dataSource.query<object[]>(retrying)).length === 0;
      });
    }
    await host.deadLetter('exhausted');
    await spans.request(() => host.get(DeadLetterService).replay('acme', id, { by: 'ada' }));
    await retryNow(host.app);
    const [first, ...later] = await spans.ended('process user.deleted', 4);
    const publish = only(spans.named('publish user.deleted'));
    expect(first).toMatchObject({
      parent: publish.spanId,
      attributes: { 'error.type': 'runtime', 'scripts_event.trigger': 'event' },
    });
    const before = [first, ...later];
    expect(later).toEqual(
      ['retry', 'retry', 'replay'].map((trigger, at) =>
        expect.objectContaining({
          kind: 'CONSUMER',
          parent: undefined,
          links: [publish.spanId, before[at]?.spanId],
          attributes: expect.objectContaining({
            'error.type': 'runtime',
            'scripts_event.trigger': trigger,
            'scripts_event.attempt': at + 2,
            'scripts_event.dead_letter.id': id,
          }),
        }),
      ),
    );
    expect(new Set(before.map((span) => span?.traceId)).size).toBe(4);
    expect(await idsOf(host)).toEqual(before.map((span) => referenceOf(span as RecordedSpan)));
    expect(spans.text).not.toMatch(/canary|\bada\b/i);
  });

  it('belong to the request if the caller waits for the run; a refused replay has no span', async () => {
    const host = shared();
    const scriptId = await host.script('return 1');
    const executions = host.get(ExecutionService);
    const manual = await spans.request(() => executions.execute(scriptId, {}, { tenantId: 'acme' }));
    const run = only(spans.named('execute'));
    expect(run).toMatchObject({ kind: 'INTERNAL', parent: manual.span.spanContext().spanId, links: [] });
    expect(manual.answer).toMatchObject(referenceOf(run));
    const test = await spans.request(() =>
      host.get(TestRunService).run('acme', scriptId, { type: 'user.created', input: ADA }),
    );
    expect(only(spans.named('test'))).toMatchObject({
      kind: 'INTERNAL',
      parent: test.span.spanContext().spanId,
      attributes: { 'scripts_event.trigger': 'test' },
    });
    const repeated = await spans.request(() =>
      executions.replay('acme', manual.answer.executionId, { by: 'ada' }).catch((error: Error) => error),
    );
    // The input was not kept, so nothing ran and there is no span.
    expect(repeated.answer).toMatchObject({ code: 'execution-input-not-kept' });
    expect(spans.all.map(({ name }) => name)).toEqual(['execute', 'request', 'test', 'request', 'request']);
  });

  it('are missing when the tracing fails; the event runs as without tracing', async () => {
    const host = shared();
    const scriptId = await host.script(`events.publish('x.y', {}); return await host.ask(null)`, {
      bindings,
    });
    switchable.isBroken = true;
    host.emit('user.created', { ...ADA, tenantId: 'acme' });
    const [row] = await host.executed(1, scriptId);
    expect(row).toMatchObject({ status: 'completed', result: 'CANARY-ANSWER' });
    expect(await idsOf(host)).toEqual([{ traceId: null, spanId: null }]);
    expect(spans.named('process user.created')).toEqual([]);
  });
});

describe('a node without tracing beside one with tracing', () => {
  // Only in the full form: test/unit/tracing proves that an untraced event begins a trace, and that an existing trace is kept.
  itInFull('runs events of the other one; a later traced retry is linked to the publisher', async () => {
    const traced = await durableHost(TRACED, undefined, [Bindings]);
    const { database } = traced;
    const source = 'if (ctx.execution.attempt === 1) throw new Error("no")';
    await traced.script(source, { eventTypes: ['user.deleted'] });
    await traced.script('return 1', { eventTypes: ['user.created'] });
    await publishAndStop(traced, 'user.deleted');
    const plain = await durableHost({ retry: { interval: '1h' } }, database, [Bindings]);
    await plain.deadLetter('pending');
    await publishAndStop(plain, 'user.created');
    expect(spans.named('process user.deleted')).toEqual([]);

    const other = await durableHost(TRACED, database, [Bindings]);
    await retryNow(other.app);
    const [retry] = await spans.ended('process user.deleted');
    const publish = only(spans.named('publish user.deleted'));
    expect(retry).toMatchObject({ parent: undefined, links: [publish.spanId] });
    expect(await spans.ended('process user.created')).toMatchObject([{ parent: undefined, links: [] }]);
  });
});

/** Publishes an event that the node itself can't run, because it has stopped before the commit. */
async function publishAndStop(host: TestHost, type: 'user.created' | 'user.deleted'): Promise<void> {
  await host.database.dataSource.transaction(async (manager) => {
    const publisher = host.get(DomainEventPublisher);
    await spans.request(() => publisher.publish(type, ADA, { tenantId: 'acme', manager }));
    await host.close();
  });
}

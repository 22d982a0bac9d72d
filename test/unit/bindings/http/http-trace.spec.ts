import { channel } from 'node:diagnostics_channel';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, isSpanContextValid } from '@opentelemetry/api';
import { HttpBinding } from '../../../../lib/bindings/http/http.binding.js';
import { HttpClient } from '../../../../lib/bindings/http/http.client.js';
import type { HttpRequest } from '../../../../lib/bindings/http/http-request.js';
import { GuardedTracing, NOT_TRACED, type ScriptSpan } from '../../../../lib/tracing/script-span.js';
import { HttpOptions } from '../../../../lib/options/http.options.js';
import { bindingRegistry, bindingRun } from '../../../support/bindings.js';
import { keepContexts, RecordedSpans } from '../../../support/recorded-spans.js';

keepContexts();

/** Names of hosts, all of which lead to this server. */
const HOSTS = ['listed.test', 'other.test', 'canary-part.wild.test'];
const forged = `00-${'e'.repeat(32)}-${'f'.repeat(16)}-01`;

let server: Server;
let port: number;
let client: HttpClient;
let spans: RecordedSpans;
let call: ScriptSpan;
/** The headers that the server received, by host and path. */
const received = new Map<string, IncomingHttpHeaders>();

beforeAll(async () => {
  server = createServer((request, response) => {
    const host = String(request.headers.host).split(':')[0];
    received.set(`${host}${request.url}`, request.headers);
    if (request.url === '/cut') return void response.destroy();
    const [, status = '200', to] = /^\/(\d+)(?:\/(.*))?$/.exec(String(request.url)) ?? [];
    response.writeHead(Number(status), to === undefined ? {} : { location: `http://${to}:${port}/200` });
    response.end('CANARY-ANSWER');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  client = await HttpClient.open(
    {
      allowedHosts: [`listed.test:${port}`, `other.test:${port}`, `*.wild.test:${port}`],
      allowPrivateAddresses: HOSTS,
      traceHosts: [`listed.test:${port}`],
      allowPlainHttp: true,
      methods: ['GET', 'POST'],
      maxRequestBytes: 1_000,
      maxResponseBytes: 1_000,
      maxRedirects: 2,
      userAgent: 'host',
    },
    (_name, _options, callback) => process.nextTick(callback, null, [{ address: '127.0.0.1', family: 4 }]),
  );
});

beforeEach(() => {
  spans = new RecordedSpans();
  const log = { warn: (_key: string, line: unknown) => expect(line).toBeUndefined() };
  const tracing = new GuardedTracing(spans.tracing, log as never);
  call = tracing.begin({ name: 'call http.fetch', kind: 'internal', parent: undefined });
  received.clear();
});

afterAll(async () => {
  await client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const caller = () => ({
  tenantId: 'acme',
  executionId: 'run',
  signal: new AbortController().signal,
  span: call,
});
const get = (place: string, more: Partial<HttpRequest> = {}) =>
  client.fetch({ url: `http://${place.replace('/', `:${port}/`)}`, ...more } as HttpRequest, caller());
const traceOf = (place: string): string | undefined => received.get(place)?.traceparent as string | undefined;

describe('a request of http.fetch', () => {
  it('sends its trace to a host in traceHosts, and to no other host', async () => {
    await get('listed.test/200');
    await get('other.test/200');
    const [listed, other] = spans.all;
    expect(listed).toMatchObject({
      name: 'GET',
      kind: 'CLIENT',
      parent: call.trace?.traceparent.split('-')[2],
      attributes: {
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'server.address': 'listed.test',
        'server.port': port,
      },
    });
    expect(traceOf('listed.test/200')).toBe(`00-${listed?.traceId}-${listed?.spanId}-01`);
    expect(other).toMatchObject({ attributes: { 'server.address': 'other.test' } });
    expect(received.get('other.test/200')).not.toHaveProperty('traceparent');
  });

  it.each([
    ['listed.test', 'other.test'],
    ['other.test', 'listed.test'],
  ])(
    'sends its trace only to the listed host after a redirect from %s to %s, and has a span for each',
    async (from, to) => {
      await get(`${from}/302/${to}`);
      expect(spans.all.map(({ attributes }) => attributes)).toMatchObject([
        { 'server.address': from, 'http.response.status_code': 302 },
        { 'server.address': to, 'http.response.status_code': 200, 'http.request.resend_count': 1 },
      ]);
      expect([`${from}/302/${to}`, `${to}/200`].map((place) => traceOf(place) !== undefined)).toEqual([
        from === 'listed.test',
        to === 'listed.test',
      ]);
    },
  );

  it('sends trace headers that a script sets only to hosts that are not in traceHosts', async () => {
    const headers = { traceparent: forged, tracestate: 'a=b' };
    await get('listed.test/200', { headers });
    await get('other.test/200', { headers });
    expect(received.get('listed.test/200')).not.toMatchObject({ traceparent: forged });
    expect(received.get('listed.test/200')).not.toHaveProperty('tracestate');
    expect(received.get('other.test/200')).toMatchObject(headers);
  });

  it('has no text of a tenant in its span, which names the entry of http.allowedHosts instead of the host', async () => {
    const body = { method: 'POST', body: 'CANARY-BODY', headers: { 'x-canary': 'canary' } };
    await get('canary-part.wild.test/canary-path?q=canary', body);
    expect(spans.all).toMatchObject([{ attributes: { 'server.address': '*.wild.test' } }]);
    expect(spans.text).not.toMatch(/canary/i);
  });

  it('has an error in its span for a status of 400 or more, or for the code that the script gets', async () => {
    await get('listed.test/503');
    const elsewhere = get('listed.test/302/nowhere.test');
    await expect(elsewhere).rejects.toMatchObject({ code: 'host-not-allowed' });
    await expect(get('other.test/cut')).rejects.toMatchObject({ code: 'network' });
    expect(spans.all.map(({ attributes }) => attributes['error.type'])).toEqual([
      '503',
      undefined,
      'network',
    ]);
  });

  it('keeps the instrumentation of undici from recording and sending a second span', async () => {
    const created = channel('undici:request:create');
    const places: boolean[] = [];
    // The instrumentation does the same, and sends the ids of its span.
    const instrument = (): void => {
      const span = spans.tracer.startSpan('instrumented', {}, context.active());
      places.push(isSpanContextValid(span.spanContext()));
      span.end();
    };
    created.subscribe(instrument);
    try {
      await get('other.test/200');
    } finally {
      created.unsubscribe(instrument);
    }
    expect(places).toEqual([false]);
    expect(spans.all.map(({ name }) => name)).toEqual(['GET']);
  });

  it('has a span below that of the binding call, which is below that of the run', async () => {
    const { registry } = bindingRegistry();
    const { timeout: _timeout, ...defaults } = new HttpOptions();
    const places = [`localhost:${port}`];
    const hosts = { allowedHosts: places, traceHosts: places, allowPrivateAddresses: ['localhost'] };
    const binding = new HttpBinding(
      { ...defaults, ...hosts, allowPlainHttp: true, timeoutMs: 5_000 },
      registry,
    );
    await binding.open();
    const run = { ...bindingRun(['http.fetch']), span: call };
    const url = `http://localhost:${port}/200`;
    await registry.call('http.fetch', { url }, run, new AbortController().signal);
    await binding.close();
    const [request, ofBinding] = spans.all;
    expect(request).toMatchObject({ name: 'GET', parent: ofBinding?.spanId });
    expect(ofBinding).toMatchObject({
      name: 'call http.fetch',
      parent: call.trace?.traceparent.split('-')[2],
    });
    expect(traceOf('localhost/200')).toContain(request?.spanId);
  });

  it('sends no trace, and has no span, without tracing', async () => {
    call = NOT_TRACED;
    await get('listed.test/200');
    expect(received.get('listed.test/200')).not.toHaveProperty('traceparent');
    expect(spans.all).toEqual([]);
  });
});

import { setMaxListeners } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { DnsLookup } from '../../../../lib/bindings/http/checked-lookup.js';
import { HttpBinding } from '../../../../lib/bindings/http/http.binding.js';
import { HttpClient, type HttpSettings } from '../../../../lib/bindings/http/http.client.js';
import type { HttpRequest } from '../../../../lib/bindings/http/http-request.js';
import { BindingCallError } from '../../../../lib/common/binding-call.error.js';
import type { JsonValue } from '../../../../lib/common/json.js';
import { HttpOptions } from '../../../../lib/options/http.options.js';
import { bindingRegistry, call } from '../../../support/bindings.js';
import { waitFor } from '../../../support/wait-for.js';

const servers: Server[] = [];
const clients: HttpClient[] = [];

type Answer = (...args: Parameters<RequestListener>) => unknown;

/** Starts a real server on the loopback address and returns its port. An answer that fails cuts the connection. */
async function serve(answer: Answer): Promise<number> {
  const server = createServer((request, response) => {
    const answered = async (): Promise<unknown> => answer(request, response);
    answered().catch((error: Error) => response.destroy(error));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A lookup that gives these addresses for every name, one answer after the other; the last one stays. */
function names(...answers: (string | string[])[]): DnsLookup & { asked: string[] } {
  const asked: string[] = [];
  const lookup: DnsLookup = (hostname, _options, callback) => {
    const answer = answers[Math.min(asked.push(hostname), answers.length) - 1] ?? [];
    const addresses = [answer].flat().map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    process.nextTick(callback, null, addresses);
  };
  return Object.assign(lookup, { asked });
}

async function openClient(
  settings: Partial<HttpSettings>,
  lookup: DnsLookup = names('127.0.0.1'),
): Promise<HttpClient> {
  const client = await HttpClient.open(
    {
      allowedHosts: [],
      allowPrivateAddresses: ['a.test', 'b.test'],
      allowPlainHttp: true,
      methods: ['GET', 'HEAD', 'POST', 'PUT'],
      maxRequestBytes: 1_000,
      maxResponseBytes: 1_000,
      maxRedirects: 2,
      userAgent: 'host/1 ({tenantId}; {executionId})',
      ...settings,
    },
    lookup,
  );
  clients.push(client);
  return client;
}

async function clientFor(settings: Partial<HttpSettings>, lookup?: DnsLookup) {
  const client = await openClient(settings, lookup);
  const fetch = (request: Partial<HttpRequest>, signal = new AbortController().signal) =>
    client.fetch(request as HttpRequest, { tenantId: 'acme ü', executionId: 'run-1', signal });
  return fetch;
}

const codeOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'answered',
    (error: BindingCallError) => error.code,
  );

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  for (const server of servers) server.closeAllConnections();
  await Promise.all(
    servers.splice(0).map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
  );
});

describe('http.fetch', () => {
  /** Answers with the request that it received. */
  const echo: Answer = async (request, response) => {
    const { method, url, headers } = request;
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.setHeader('set-cookie', 'session=1');
    response.setHeader('x-many', ['a', 'b']);
    response.end(JSON.stringify({ method, url, headers, body: await bodyOf(request) }));
  };

  it('returns the status, headers, body and parsed JSON of a response, without its cookies', async () => {
    const port = await serve(echo);
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
    const response = await fetch({ url: `http://a.test:${port}/p%20q?x=1#f` });
    expect(response).toMatchObject({ status: 200, json: { method: 'GET', url: '/p%20q?x=1', body: '' } });
    expect(JSON.parse(response.body)).toEqual(response.json);
    expect(response.headers).toMatchObject({ 'x-many': 'a, b' });
    expect(response.headers).not.toHaveProperty('set-cookie');
  });

  it('sends the configured user agent, and asks for no compression', async () => {
    const port = await serve(echo);
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
    const { json } = await fetch({ url: `http://a.test:${port}/` });
    const { headers } = json as { headers: Record<string, string> };
    expect(headers).toMatchObject({
      host: `a.test:${port}`,
      'user-agent': 'host/1 (acme%20%C3%BC; run-1)',
      'accept-encoding': 'identity',
    });
    expect(headers).not.toHaveProperty('cookie');
  });

  it.each<[string, Partial<HttpRequest>, Record<string, JsonValue>]>([
    [
      'text',
      { method: 'PUT', body: 'hello', headers: { 'X-Key': '7' } },
      { method: 'PUT', body: 'hello', headers: { 'x-key': '7' } },
    ],
    [
      'JSON',
      { method: 'post', json: { a: [1] } },
      { method: 'POST', body: '{"a":[1]}', headers: { 'content-type': 'application/json' } },
    ],
    [
      'null as JSON',
      { method: 'POST', json: null },
      { body: 'null', headers: { 'content-type': 'application/json' } },
    ],
    [
      'JSON with a content type of its own',
      { method: 'POST', json: {}, headers: { 'Content-Type': 'application/ld+json' } },
      { body: '{}', headers: { 'content-type': 'application/ld+json' } },
    ],
  ])('sends %s', async (_what, request, expected) => {
    const port = await serve(echo);
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
    const { json } = await fetch({ ...request, url: `http://a.test:${port}/` });
    expect(json).toMatchObject(expected);
  });

  it('returns a response with a status of 400 or more', async () => {
    const port = await serve((_request, response) => response.writeHead(503).end('later'));
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
    expect(await fetch({ url: `http://a.test:${port}/` })).toMatchObject({ status: 503, body: 'later' });
  });

  it('decodes the charset that the response names, and returns no json for invalid JSON', async () => {
    const port = await serve((request, response) => {
      const type = request.url === '/latin' ? 'text/plain; charset=iso-8859-1' : 'application/json';
      response.writeHead(200, { 'content-type': type }).end(Buffer.from([0xe9]));
    });
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
    expect(await fetch({ url: `http://a.test:${port}/latin` })).toMatchObject({ body: 'é' });
    expect(await fetch({ url: `http://a.test:${port}/json` })).not.toHaveProperty('json');
  });

  it.each<[string, Partial<HttpRequest>, string]>([
    ['a malformed address', { url: 'not an address' }, 'invalid-input'],
    ['another host', { url: 'http://evil.test/' }, 'host-not-allowed'],
    ['a method that is not allowed', { method: 'DELETE' }, 'method-not-allowed'],
    ['a malformed method', { method: 'GET / HTTP/1.1\r\nx: ' }, 'method-not-allowed'],
    ['a body with GET', { body: 'x' }, 'invalid-input'],
    ['two bodies', { method: 'POST', body: 'x', json: 1 }, 'invalid-input'],
    ['a body that is too large', { method: 'POST', body: 'é'.repeat(501) }, 'too-large'],
    ['a header with a line break', { headers: { 'x-a': 'b\r\nx-c: d' } }, 'invalid-input'],
    ['a header name with a colon', { headers: { 'x:y': 'b' } }, 'invalid-input'],
    ['a header that is not text', { headers: { 'x-a': 7 } }, 'invalid-input'],
    ['a header twice', { headers: { 'x-a': '1', 'X-A': '2' } }, 'invalid-input'],
    [
      'too many headers',
      { headers: Object.fromEntries([...'x'.repeat(51)].map((x, at) => [x + at, ''])) },
      'invalid-input',
    ],
    ...[
      'Host',
      'connection',
      'Transfer-Encoding',
      'content-length',
      'upgrade',
      'TE',
      'proxy-authorization',
      'user-agent',
    ].map((name): [string, Partial<HttpRequest>, string] => [
      `the header ${name}`,
      { headers: { [name]: 'x' } },
      'invalid-input',
    ]),
  ])('refuses %s before anything is sent', async (_what, request, code) => {
    let calls = 0;
    const port = await serve((_request, response) => {
      calls += 1;
      response.end();
    });
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
    expect(await codeOf(fetch({ url: `http://a.test:${port}/`, ...request }))).toBe(code);
    expect(calls).toBe(0);
  });

  it('ignores the proxies of the environment', async () => {
    const port = await serve(echo);
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
    const before = { ...process.env };
    Object.assign(process.env, { HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9' });
    try {
      expect(await fetch({ url: `http://a.test:${port}/` })).toMatchObject({ status: 200 });
    } finally {
      process.env = before;
    }
  });
});

describe('a host name with a private address', () => {
  it.each(['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1', 'fd00:ec2::254'])(
    'is refused without a connection: %s',
    async (address) => {
      let connections = 0;
      const port = await serve((_request, response) => void response.end());
      servers[0]?.on('connection', () => (connections += 1));
      const lookup = names(address);
      const fetch = await clientFor({ allowedHosts: [`c.test:${port}`], allowPrivateAddresses: [] }, lookup);
      const refused = fetch({ url: `http://c.test:${port}/` });
      await expect(refused).rejects.toMatchObject({ code: 'address-not-allowed' });
      await expect(refused).rejects.not.toThrow(address);
      expect(lookup.asked).toEqual(['c.test']);
      expect(connections).toBe(0);
    },
  );

  it('is refused over TLS, too; an allowed server without TLS leads to the error network', async () => {
    const port = await serve((_request, response) => void response.end());
    let connections = 0;
    servers[0]?.on('connection', () => (connections += 1));
    const allowedHosts = [`a.test:${port}`, `c.test:${port}`];
    const fetch = await clientFor({ allowedHosts, allowPlainHttp: false });
    expect(await codeOf(fetch({ url: `https://c.test:${port}/` }))).toBe('address-not-allowed');
    expect(connections).toBe(0);
    expect(await codeOf(fetch({ url: `https://a.test:${port}/` }))).toBe('network');
    expect(connections).toBe(1);
  });

  it('is refused if only one of its addresses is private', async () => {
    const port = await serve((_request, response) => void response.end());
    const lookup = names(['93.184.215.14', '127.0.0.1']);
    const fetch = await clientFor({ allowedHosts: [`c.test:${port}`] }, lookup);
    expect(await codeOf(fetch({ url: `http://c.test:${port}/` }))).toBe('address-not-allowed');
  });

  it('is resolved once, by the socket itself, so that DNS rebinding has no effect', async () => {
    const port = await serve((_request, response) => void response.end('inside'));
    const rebound = names('127.0.0.1', '169.254.169.254');
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] }, rebound);
    expect(await fetch({ url: `http://a.test:${port}/` })).toMatchObject({ body: 'inside' });
    expect(rebound.asked).toEqual(['a.test']);
  });

  it('is called if the options allow its name', async () => {
    const port = await serve((_request, response) => void response.end('inside'));
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
    expect(await fetch({ url: `http://a.test:${port}/` })).toMatchObject({ body: 'inside' });
  });

  it('leads to the error network if it can’t be resolved or refuses connections', async () => {
    const lookup: DnsLookup = (_hostname, _options, callback) =>
      callback(Object.assign(new Error('getaddrinfo ENOTFOUND a.test'), { code: 'ENOTFOUND' }), []);
    const lost = await clientFor({ allowedHosts: ['a.test:1'] }, lookup);
    await expect(lost({ url: 'http://a.test:1/' })).rejects.toMatchObject({
      code: 'network',
      retryable: true,
      message: 'a.test:1 could not be reached or did not answer with HTTP (ENOTFOUND)',
    });
    const closed = await clientFor({ allowedHosts: ['a.test:1'] });
    await expect(closed({ url: 'http://a.test:1/' })).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('(ECONNREFUSED)'),
    });
  });
});

describe('the calls of tenants', () => {
  it('do not wait for each other: a hundred slow calls of one tenant delay no call of another', async () => {
    const slow: ServerResponse[] = [];
    const port = await serve((request, response) =>
      request.url === '/slow' ? void slow.push(response) : void response.end('fast'),
    );
    const client = await openClient({ allowedHosts: [`a.test:${port}`] });
    const get = (tenantId: string, path: string, signal = new AbortController().signal) =>
      client.fetch({ url: `http://a.test:${port}${path}` } as HttpRequest, {
        tenantId,
        executionId: 'run',
        signal,
      });
    const run = new AbortController();
    setMaxListeners(0, run.signal);
    const evil = Array.from({ length: 100 }, () => codeOf(get('evil', '/slow', run.signal)));
    await waitFor('its share is under way', () => slow.length > 0);
    expect(await get('good', '/fast')).toMatchObject({ body: 'fast' });
    expect(slow.length).toBeLessThanOrEqual(16);
    run.abort(new BindingCallError('timeout', 'over'));
    expect(new Set(await Promise.all(evil))).toEqual(new Set(['timeout']));
    expect(await get('evil', '/fast')).toMatchObject({ body: 'fast' });
  });

  it('fail as busy, before their own timeout, if they get no turn in time', async () => {
    const port = await serve(() => undefined);
    const { registry } = bindingRegistry();
    const { timeout: _timeout, ...defaults } = new HttpOptions();
    const binding = new HttpBinding(
      {
        ...defaults,
        allowedHosts: [`localhost:${port}`],
        allowPrivateAddresses: ['localhost'],
        allowPlainHttp: true,
        timeoutMs: 2_000,
      },
      registry,
    );
    await binding.open();
    const request = { url: `http://localhost:${port}/` };
    const calls = Array.from({ length: 20 }, () => codeOf(call(registry, 'http.fetch', request)));
    const codes = await Promise.all(calls);
    await binding.close();
    expect(codes.filter((code) => code === 'timeout')).toHaveLength(16);
    expect(codes.filter((code) => code === 'busy')).toHaveLength(4);
  });
});

describe('a redirect', () => {
  const to =
    (location: string, status = 302): RequestListener =>
    (_request, response) =>
      void response.writeHead(status, { location }).end('moved');

  it('is followed, and the last response is returned', async () => {
    const port = await serve((request, response) =>
      request.url === '/' ? to('/there?x=1')(request, response) : void response.end(request.url),
    );
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
    expect(await fetch({ url: `http://a.test:${port}/` })).toMatchObject({ status: 200, body: '/there?x=1' });
  });

  it.each([
    ['plain UTF-8', Buffer.from('/café/日本?q=ü'), '/caf%C3%A9/%E6%97%A5%E6%9C%AC?q=%C3%BC'],
    ['encoded UTF-8', Buffer.from('/caf%C3%A9?q=%20'), '/caf%C3%A9?q=%20'],
    ['bytes that are not UTF-8', Buffer.from([0x2f, 0xe9]), '/%C3%A9'],
  ])('leads to the address that its server means, written as %s', async (_what, location, path) => {
    const port = await serve((request, response) =>
      request.url === '/'
        ? void response.socket!.end(
            Buffer.concat([
              Buffer.from('HTTP/1.1 302 Found\r\nlocation: '),
              location,
              Buffer.from('\r\n\r\n'),
            ]),
          )
        : void response.end(request.url),
    );
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
    expect(await fetch({ url: `http://a.test:${port}/` })).toMatchObject({ body: path });
  });

  it.each([
    ['another host', 'http://evil.test/', 'host-not-allowed'],
    ['the metadata of a cloud', 'http://169.254.169.254/latest/meta-data/', 'host-not-allowed'],
    ['another port', 'http://a.test:1/', 'host-not-allowed'],
    ['an address in decimal', 'http://2130706433/', 'host-not-allowed'],
    ['a file', 'file:///etc/passwd', 'url-not-allowed'],
    ['user and password', 'http://u:p@a.test/', 'url-not-allowed'],
    ['an invalid address', 'http://', 'network'],
  ])('is refused if it leads to %s', async (_what, location, code) => {
    const port = await serve(to(location));
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
    expect(await codeOf(fetch({ url: `http://a.test:${port}/` }))).toBe(code);
  });

  it('is refused if it leads to a private address, even of an allowed host', async () => {
    const inner = await serve((_request, response) => void response.end('inside'));
    const port = await serve(to(`http://c.test:${inner}/`));
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`, `c.test:${inner}`] });
    expect(await codeOf(fetch({ url: `http://a.test:${port}/` }))).toBe('address-not-allowed');
  });

  it('is followed at most maxRedirects times', async () => {
    let calls = 0;
    const port = await serve((request, response) => {
      calls += 1;
      to('/')(request, response);
    });
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`], maxRedirects: 2 });
    expect(await codeOf(fetch({ url: `http://a.test:${port}/` }))).toBe('too-many-redirects');
    expect(calls).toBe(3);
  });

  it.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [303, 'HEAD', 'HEAD', undefined],
    [302, 'PUT', 'PUT', '{}'],
    [307, 'POST', 'POST', '{}'],
    [308, 'POST', 'POST', '{}'],
  ])('with status %i after %s is followed with %s', async (status, method, expected, body) => {
    const seen: (string | undefined)[][] = [];
    const port = await serve(async (request, response) => {
      if (request.url === '/') return to('/there', status)(request, response);
      seen.push([request.method, await bodyOf(request), request.headers['content-type']]);
      response.end();
    });
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
    await fetch({ url: `http://a.test:${port}/`, method, json: method === 'HEAD' ? undefined : {} });
    const type = body === '{}' ? 'application/json' : undefined;
    expect(seen).toEqual([[expected, body ?? '', type]]);
  });

  it('carries no authorization, cookie or header of a script’s own to another origin', async () => {
    const seen: IncomingMessage['headers'][] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers);
      response.end();
    });
    const port = await serve(to(`http://b.test:${other}/`, 307));
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`, `b.test:${other}`] });
    const headers = {
      authorization: 'Bearer s3cret',
      cookie: 's=1',
      'x-api-key': 's3cret',
      accept: 'text/plain',
    };
    await fetch({ url: `http://a.test:${port}/`, headers });
    expect(seen[0]).toMatchObject({ accept: 'text/plain', host: `b.test:${other}` });
    expect(JSON.stringify(seen)).not.toContain('s3cret');
    expect(seen[0]).not.toHaveProperty('cookie');
  });
});

describe('a response that is too large', () => {
  it.each<[string, RequestListener]>([
    [
      'announces its size',
      (_request, response) => void response.writeHead(200, { 'content-length': '1001' }).write('x'),
    ],
    [
      'has no end',
      (_request, response) => {
        const more = (): void => {
          while (!response.destroyed && response.write('x'.repeat(500)));
        };
        response.on('drain', more);
        more();
      },
    ],
    [
      'is a gzip bomb',
      (_request, response) =>
        void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(500_000))),
    ],
    [
      'is a brotli bomb',
      (_request, response) =>
        void response
          .writeHead(200, { 'content-encoding': 'br' })
          .end(brotliCompressSync('x'.repeat(500_000))),
    ],
  ])('is refused if it %s', async (_what, answer) => {
    const port = await serve(answer);
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
    expect(await codeOf(fetch({ url: `http://a.test:${port}/` }))).toBe('too-large');
  });

  it('is refused from one byte over the limit on', async () => {
    const port = await serve(
      (request, response) => void response.end('x'.repeat(Number(request.url?.slice(1)))),
    );
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
    expect((await fetch({ url: `http://a.test:${port}/1000` })).body).toHaveLength(1_000);
    expect(await codeOf(fetch({ url: `http://a.test:${port}/1001` }))).toBe('too-large');
  });

  it('keeps no connection from later calls if it announced its size', async () => {
    const port = await serve(
      (request, response) => void response.end('x'.repeat(Number(request.url?.slice(1)))),
    );
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
    // More calls than there are connections to one host.
    const refused = Array.from({ length: 70 }, () =>
      codeOf(fetch({ url: `http://a.test:${port}/100000` }, AbortSignal.timeout(60_000))),
    );
    expect(new Set(await Promise.all(refused))).toEqual(new Set(['too-large']));
    expect(await fetch({ url: `http://a.test:${port}/10` })).toMatchObject({ status: 200 });
  });

  it('is not refused after HEAD, which returns only its headers', async () => {
    const port = await serve(
      (_request, response) => void response.writeHead(200, { 'content-length': 100_000 }).end(),
    );
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
    const response = await fetch({ url: `http://a.test:${port}/`, method: 'HEAD' });
    expect(response).toMatchObject({ status: 200, headers: { 'content-length': '100000' }, body: '' });
  });
});

describe('a compressed response', () => {
  it('is decompressed even if it was not asked for', async () => {
    const port = await serve(
      (_request, response) =>
        void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('hello')),
    );
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
    expect(await fetch({ url: `http://a.test:${port}/` })).toMatchObject({ body: 'hello' });
  });

  it.each(['gzip', 'zstd-like', 'gzip, gzip'])(
    'leads to the error network if its body is not %s',
    async (encoding) => {
      const port = await serve(
        (_request, response) => void response.writeHead(200, { 'content-encoding': encoding }).end('plain'),
      );
      const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
      expect(await codeOf(fetch({ url: `http://a.test:${port}/` }))).toBe('network');
    },
  );
});

describe('a call whose run is over', () => {
  it.each<[string, RequestListener]>([
    ['the headers', () => undefined],
    ['the body', (_request, response) => void response.write('x')],
    [
      'the body of a redirect',
      (_request, response) => void response.writeHead(302, { location: '/' }).write('x'),
    ],
  ])('ends while it waits for %s, and closes the connection', async (_what, answer) => {
    const reason = new Error('the run is over');
    const controller = new AbortController();
    let closed: Promise<void> | undefined;
    const port = await serve((request, response) => {
      closed = new Promise((resolve) => request.socket.once('close', () => resolve()));
      answer(request, response);
      setImmediate(() => controller.abort(reason));
    });
    const fetch = await clientFor({ allowedHosts: [`a.test:${port}`] });
    await expect(fetch({ url: `http://a.test:${port}/` }, controller.signal)).rejects.toBe(reason);
    await closed;
  });
});

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHmac, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import {
  InMemoryMetricsRecorder,
  type BindingContext,
  type CreateSecret,
  type ExecutionResult,
  ExecutionService,
  type JsonValue,
  ScriptBinding,
  ScriptService,
  ScriptStoreService,
  ScriptTypes,
  ScriptValidationError,
  SecretService,
  TestRunService,
  VariableService,
} from '../../lib/index.js';
import { foundIn } from '../support/process-memory.js';
import { RecordedSpans } from '../support/recorded-spans.js';
import { sandboxChildren } from '../support/sandbox-processes.js';
import { waitFor } from '../support/wait-for.js';
import { problemsOf } from '../unit/typings/compile-scripts.js';
import { RecordedLog } from './support/recorded-log.js';
import { ADA, sharedHost, TestHost } from './support/test-host.js';

const KEY = `2026:${randomBytes(32).toString('base64')}`;
/** A value with characters that JSON, URLs, headers or HTML escape. */
const TOKEN = `xoxb-"Q/ü&<'+%=${randomBytes(12).toString('hex')}`;

/** A request that a server has received. */
interface Seen {
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Starts a server that answers as the test says. */
async function serve(answer: (seen: Seen, response: ServerResponse) => void) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const one = { url: request.url ?? '', headers: request.headers, body };
      seen.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { host: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}`, seen, close: () => server.close() };
}

/** Answers that contain the value in another form, which a script could decode. */
const DISGUISES: Record<string, (response: ServerResponse) => void> = {
  'utf-8-named-utf-16': (response) =>
    response.setHeader('content-type', 'text/plain; charset=utf-16le').end(`${TOKEN}${TOKEN} `),
  'utf-8-named-latin': (response) =>
    response.setHeader('content-type', 'text/plain; charset=windows-1252').end(TOKEN),
  'utf-16': (response) =>
    response.setHeader('content-type', 'text/plain; charset=utf-16le').end(Buffer.from(TOKEN, 'utf16le')),
  'utf-16-unnamed': (response) => response.end(Buffer.from(`k ${TOKEN.replace('ü', 'u')}`, 'utf16le')),
  gzip: (response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(`a ${TOKEN}`)),
  chunks: (response) => {
    for (const byte of Buffer.from(`a ${TOKEN}`)) response.write(Buffer.of(byte));
    response.end();
  },
  long: (response) => response.end(`${'x'.repeat(60_000)}${TOKEN}`),
  headers: (response) => {
    response.setHeader('x-hex', Buffer.from(TOKEN).toString('hex'));
    response.setHeader('x-twice', encodeURIComponent(encodeURIComponent(TOKEN)));
    response.end();
  },
};

@Injectable()
class MailBindings {
  readonly sent: { text: string; resolved: string }[] = [];

  @ScriptBinding('mail.send', { secrets: true })
  send(input: JsonValue, { secrets }: BindingContext) {
    const { password } = input as { password: string };
    const resolved = secrets.resolve(password);
    this.sent.push({ text: password, resolved });
    if (resolved.includes('throw')) throw new Error(`login with ${resolved} failed`);
    return { echo: resolved, encoded: Buffer.from(resolved).toString('base64') };
  }

  @ScriptBinding('mail.plain')
  plain(input: JsonValue) {
    return input;
  }
}

describe("a tenant's secrets", () => {
  let api: Awaited<ReturnType<typeof serve>>;
  let other: Awaited<ReturnType<typeof serve>>;
  const log = new RecordedLog();
  const spans = new RecordedSpans();

  beforeAll(async () => {
    api = await serve((seen, response) => {
      const { url, headers, body } = seen;
      if (url.startsWith('/away'))
        return void response
          .writeHead(307, { location: `${other.url}/x?t=${encodeURIComponent(TOKEN)}` })
          .end();
      const disguise = DISGUISES[url.slice(1)];
      if (disguise) return disguise(response);
      if (url.startsWith('/here')) return void response.writeHead(302, { location: '/end' }).end();
      response.setHeader('content-type', 'application/json');
      response.setHeader('x-echo', encodeURIComponent(headers.authorization ?? ''));
      response.end(
        JSON.stringify({
          plain: headers.authorization ?? '',
          url,
          body,
          base64: Buffer.from(`user:${TOKEN}`).toString('base64'),
          base64url: Buffer.from(`u:${TOKEN}`).toString('base64url'),
          hex: Buffer.from(TOKEN).toString('hex'),
          json: JSON.stringify({ a: TOKEN }),
          php: JSON.stringify(TOKEN).replaceAll('/', '\\/').replaceAll('ü', '\\u00fc'),
          form: new URLSearchParams({ a: TOKEN }).toString(),
        }),
      );
    });
    other = await serve((_, response) => response.end('other'));
  });
  const shared = sharedHost(() =>
    TestHost.start({
      logger: log,
      providers: [MailBindings],
      options: {
        secrets: { keys: [KEY] },
        tracing: { adapter: spans.tracing },
        http: {
          allowedHosts: [api.host, other.host],
          allowPrivateAddresses: ['127.0.0.1'],
          allowPlainHttp: true,
        },
      },
    }),
  );
  let host: TestHost;
  beforeEach(() => (host = shared()));
  afterAll(() => {
    api.close();
    other.close();
  });

  let made = 0;
  const secret = async (more: Partial<CreateSecret> = {}): Promise<string> => {
    const name = more.name ?? `token_${(made += 1)}`;
    await host.get(SecretService).create('acme', { name, value: TOKEN, hosts: [api.host], ...more }, 'ada');
    return name;
  };
  const run = async (
    source: string,
    secrets: string[],
    bindings = ['http.fetch', 'mail.send', 'mail.plain'],
  ) => {
    const id = await host.script(source, { bindings, secrets });
    const ended = await host.get(ExecutionService).execute(id, ADA, { tenantId: 'acme' });
    return ended as Omit<ExecutionResult, 'status'> & { status: string; result: unknown };
  };
  const told = (call: string): string =>
    `try { return { answer: await ${call} }; } catch ({ name, code, message }) { return { name, code, message }; }`;

  it('go to their own hosts in headers, query, path and body; in an answer, the script reads a mask in place of each encoding', async () => {
    const name = await secret();
    const { status, result } = await run(
      `const { json, headers } = await http.fetch({
        url: '${api.url}/p/' + secrets.${name} + '/q?t=' + secrets.${name},
        method: 'POST',
        headers: { authorization: \`Bearer \${secrets.${name}}\` },
        json: { token: secrets.${name}, text: \`a \${secrets.${name}} b\` },
      });
      return { json, echo: headers['x-echo'], length: headers['content-length'] ?? null };`,
      [name],
    );
    expect(status).toBe('completed');
    expect(host.get(InMemoryMetricsRecorder).secretMetrics().filled).toBeGreaterThanOrEqual(5);
    const seen = api.seen.at(-1)!;
    expect(Buffer.from(seen.headers.authorization ?? '', 'latin1').toString()).toContain('Bearer xoxb-');
    expect(new URL(seen.url, api.url).searchParams.get('t')).toBe(TOKEN);
    expect(decodeURIComponent(seen.url.split('?')[0]!)).toBe(`/p/${TOKEN}/q`);
    expect(JSON.parse(seen.body)).toEqual({ token: TOKEN, text: `a ${TOKEN} b` });
    const text = JSON.stringify(result);
    expect(text).toContain(`[secret:${name}]`);
    expect(result).toMatchObject({ length: null, json: { hex: `[secret:${name}]` } });
    expect(text).not.toContain(TOKEN.slice(-20));
    expect(text).not.toContain(Buffer.from(TOKEN.slice(-20)).toString('hex'));
  });

  it.each(Object.keys(DISGUISES).filter((one) => one !== 'headers'))(
    'are masked in the body of an answer of the form %s',
    async (path) => {
      const name = await secret({ value: path === 'utf-16-unnamed' ? TOKEN.replace('ü', 'u') : TOKEN });
      const { result } = await run(
        `const { body } = await http.fetch({ url: '${api.url}/${path}', headers: { a: \`\${secrets.${name}}\` } });
         return body;`,
        [name],
      );
      expect(result).toContain(`[secret:${name}]`);
      const body = result as string;
      const tail = TOKEN.slice(-20);
      for (const read of [body, body.replaceAll('\0', ''), Buffer.from(body, 'utf16le').toString('latin1')])
        expect(read).not.toContain(tail);
    },
  );

  it('are masked in the headers of an answer, also if they are encoded twice', async () => {
    const name = await secret();
    const { result } = await run(
      `return (await http.fetch({ url: '${api.url}/headers', headers: { a: \`\${secrets.${name}}\` } })).headers;`,
      [name],
    );
    expect(result).toMatchObject({ 'x-hex': `[secret:${name}]`, 'x-twice': `[secret:${name}]` });
  });

  it('do not go to other hosts: such a request is refused before anything is sent, also after a redirect', async () => {
    const name = await secret();
    const before = other.seen.length;
    const counted = host.get(InMemoryMetricsRecorder).secretMetrics().refused;
    const refused = { name: 'BindingError', code: 'secret-not-allowed' };
    for (const call of [
      `http.fetch({ url: '${other.url}/', headers: { a: \`\${secrets.${name}}\` } })`,
      `http.fetch({ url: '${other.url}/' + secrets.${name} })`,
      `http.fetch({ url: '${other.url}/', method: 'POST', body: String(secrets.${name}) })`,
      `http.fetch({ url: '${api.url}/away', method: 'POST', json: secrets.${name} })`,
      `http.fetch({ url: '${api.url}/away' })`,
    ])
      expect((await run(told(call), [name])).result).toMatchObject(refused);
    expect(other.seen.length).toBe(before);
    expect(host.get(InMemoryMetricsRecorder).secretMetrics().refused).toBe(counted + 5);
    // A redirect to the same origin keeps the header.
    await run(told(`http.fetch({ url: '${api.url}/here', headers: { authorization: secrets.${name} } })`), [
      name,
    ]);
    expect(api.seen.at(-1)).toMatchObject({
      url: '/end',
      headers: { authorization: expect.stringContaining('xoxb') },
    });
  });

  it('are masked in logs, results, published events, errors and test runs', async () => {
    const name = await secret();
    const published = host.heard<{ type: string; payload: unknown }>('script.event');
    const all = `console.log('t', secrets.${name}, { t: \`\${secrets.${name}}\` }); console.log(secrets);`;
    const completed = await run(
      `${all} events.publish('own.event', { t: secrets.${name} }); return { t: secrets.${name}, ['k' + secrets.${name}]: 1 };`,
      [name],
    );
    const mark = `[secret:${name}]`;
    expect(completed).toMatchObject({ result: { t: mark, [`k${mark}`]: 1 } });
    expect(completed.logs).toEqual([
      { level: 'info', message: 't', data: [mark, { t: mark }] },
      { level: 'info', message: JSON.stringify({ [name]: mark }) },
    ]);
    await waitFor('the event is heard', () => published[0]);
    expect(published[0]).toMatchObject({ payload: { t: mark } });
    const failed = await run(
      `const e = new Error('no ' + secrets.${name}); e.name = 'E' + secrets.${name}; throw e;`,
      [name],
    );
    expect(failed).toMatchObject({ status: 'failed', error: { message: `no ${mark}`, name: `E${mark}` } });
    expect(JSON.stringify([completed, failed])).not.toContain('_secret_');
    const draft = { source: `return \`\${secrets.${name}}\`;`, secrets: [name] };
    expect(await host.get(TestRunService).run('acme', draft, { type: 'user.created' })).toMatchObject({
      result: mark,
    });
  });

  it('are not put in place of a marker of an earlier run', async () => {
    const name = await secret();
    const { result: earlier } = await run(`return [...\`\${secrets.${name}}\`].join(' ');`, [name]);
    const marker = (earlier as string).replaceAll(' ', '');
    expect(marker).toMatch(/^_secret_[0-9a-f]{32}_0_$/);
    await run(`await http.fetch({ url: '${api.url}/', headers: { a: ${JSON.stringify(marker)} } });`, [name]);
    expect(api.seen.at(-1)!.headers.a).toBe(marker);
  });

  it('go to a binding only if it takes secrets and is on the list of the secret', async () => {
    const name = await secret({ bindings: ['mail.send'] });
    const alone = await secret();
    const mail = host.get(MailBindings);
    const { result } = await run(`return mail.send({ password: secrets.${name} });`, [name]);
    expect(result).toEqual({
      echo: `[secret:${name}]`,
      encoded: expect.stringContaining(`[secret:${name}]`),
    });
    expect(mail.sent.at(-1)?.resolved).toBe(TOKEN);
    const sent = mail.sent.length;
    expect((await run(told(`mail.send({ password: secrets.${alone} })`), [alone])).result).toMatchObject({
      code: 'secret-not-allowed',
      message: `Secret "${alone}" may not go to mail.send: add "mail.send" to its bindings`,
    });
    expect((await run(told(`mail.plain({ text: secrets.${name} })`), [name])).result).toMatchObject({
      code: 'secret-not-allowed',
      message: 'mail.plain takes no secrets',
    });
    expect(mail.sent.length).toBe(sent);
    // The value is masked even in the log lines of the host's own code.
    await run(told(`mail.send({ password: 'throw ' + secrets.${name} })`), [name]);
    expect(JSON.stringify(log.lines)).toContain(`login with throw [secret:${name}] failed`);
    expect(JSON.stringify(log.lines)).not.toContain(TOKEN.slice(-20));
  });

  it('cannot make the input of a binding longer than its limit: forty markers of a long value are refused', async () => {
    const name = await secret({ bindings: ['mail.send'], value: `${'v'.repeat(8_000)}wx` });
    const mail = host.get(MailBindings);
    const sent = mail.sent.length;
    const many = `mail.send({ password: String(secrets.${name}).repeat(40) })`;
    expect((await run(told(many), [name])).result).toMatchObject({
      code: 'invalid-input',
      message: 'The input of mail.send has more than 262144 bytes with the secrets in it',
    });
    expect(mail.sent).toHaveLength(sent);
  });

  it('may be a whole URL, such as that of a webhook, and go only to the host in it', async () => {
    const hook = await secret({ value: `${api.url}/hooks/${randomBytes(12).toString('hex')}` });
    const post = `http.fetch({ url: \`\${secrets.${hook}}\`, method: 'POST', json: { text: 'hi' } })`;
    const { result } = await run(`return (await ${post}).json;`, [hook]);
    expect(api.seen.at(-1)).toMatchObject({
      url: expect.stringMatching(/^\/hooks\/[0-9a-f]{24}$/) as string,
    });
    expect(JSON.stringify(result)).not.toContain(api.url);
    const away = await secret({ value: `${other.url}/hooks/${randomBytes(12).toString('hex')}` });
    const before = other.seen.length;
    expect((await run(told(`http.fetch({ url: \`\${secrets.${away}}\` })`), [away])).result).toMatchObject({
      code: 'secret-not-allowed',
      message: expect.stringContaining('may not go to the host in it') as string,
    });
    expect(other.seen.length).toBe(before);
  });

  it('sign texts with sdk.hmac, which does not reveal them', async () => {
    const name = await secret();
    const { result } = await run(
      `return [await sdk.hmac({ secret: secrets.${name}, text: 'body', algorithm: 'sha256', encoding: 'base64' }),
        await sdk.hash({ text: 'abc' }), await sdk.hash({ text: \`abc\${secrets.${name}}\`, algorithm: 'md5' }) !== await sdk.hash({ text: 'abc', algorithm: 'md5' })];`,
      [name],
    );
    expect(result).toEqual([
      createHmac('sha256', TOKEN).update('body').digest('base64'),
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      true,
    ]);
    const limited = await run(`for (let n = 0; ; n++) await sdk.hash({ text: 'a' });`, []);
    expect(limited).toMatchObject({ error: { name: 'LimitError' } });
  });

  it('are available to a script if its list names them; another name throws an error that suggests a similar one', async () => {
    const name = await secret({ name: 'slack_token' });
    const read = (expression: string) => run(told(`(() => ${expression})()`), [name]);
    expect((await read('secrets.slak_token')).result).toEqual({
      name: 'UnknownNameError',
      code: 'secret',
      message:
        'This script has no secret "slak_token": the secret must exist, and be named in the script\'s secrets. Did you mean "slack_token"?',
    });
    for (const inherited of ['__proto__', 'constructor', 'toString', 'then', 'toJSON'])
      expect((await read(`secrets.${inherited} === undefined`)).result).toEqual({ answer: true });
    expect((await read('Object.keys(secrets)')).result).toEqual({ answer: ['slack_token'] });
    expect((await run(told('secrets.slack_token'), [])).result).toMatchObject({ code: 'secret' });
    const saved = host.script('return 1;', { secrets: ['slack_tokem'] });
    await expect(saved).rejects.toThrow(ScriptValidationError);
    await expect(saved).rejects.toThrow(
      'secrets[0]: The tenant has no secret "slack_tokem". Did you mean "slack_token"?',
    );
    await expect(host.script('return 1;', { secrets: [name], tenantId: 'globex' })).rejects.toThrow(
      'has no secret',
    );
  });

  it('that are missing cause a warning with a similar name, at a save and in a test run', async () => {
    const name = await secret({ name: 'pay_token' });
    await host.get(VariableService).set('acme', 'pay_region', 'eu', 'ada');
    const source = `const { pay_regon } = vars;\nreturn \`\${vars.pay_region} \${secrets.pay_tokem}\`;`;
    const expected = [
      'Line 1: There is no variable "pay_regon". Did you mean "pay_region"?',
      'Line 2: "pay_tokem" is not among the script\'s secrets. Did you mean "pay_token"?',
    ];
    const scripts = host.get(ScriptService);
    const fields = { name: 'reads what is not there', eventTypes: ['user.created'], source, secrets: [name] };
    const saved = await scripts.create('acme', fields);
    expect(saved.warnings).toEqual(expected);
    const draft = { source, secrets: [name] };
    const event = { type: 'user.created' };
    const { routing } = await host.get(TestRunService).run('acme', draft, event);
    expect(routing.warnings).toEqual(expected);
    const typed = await scripts.create('acme', { ...fields, name: 'typed', language: 'typescript' });
    expect(typed.warnings).toEqual(expected);
    // The missing variable exists now, and the source is the stored one.
    await host.get(VariableService).set('acme', 'pay_regon', 'eu', 'ada');
    const { warnings } = await scripts.update('acme', saved.id, { secrets: null });
    expect(warnings).toEqual([
      'Line 2: "pay_tokem" is not among the script\'s secrets. Did you mean "pay_token"?',
    ]);
    expect((await scripts.create('globex', { ...fields, secrets: null })).warnings).toHaveLength(3);
    for (const variable of ['pay_region', 'pay_regon'])
      await host.get(VariableService).delete('acme', variable, 'ada');
  });

  it('are named in the type declarations of their tenant only', async () => {
    await secret({ name: 'typed_token' });
    await host.get(VariableService).set('acme', 'typed_region', 'eu', 'ada');
    const types = host.get(ScriptTypes);
    const source = 'return [`${secrets.typed_token}`, vars.typed_region];';
    expect(problemsOf(await types.generateFor('acme'), source)).toEqual([]);
    const misspelt = 'return [`${secrets.typed_tokem}`, vars.typed_regio];';
    expect(problemsOf(await types.generateFor('acme'), misspelt)).toEqual([
      expect.stringContaining("Did you mean 'typed_token'?"),
      expect.stringContaining("Did you mean 'typed_region'?"),
    ]);
    expect(problemsOf(await types.generateFor('globex'), source)).toHaveLength(2);
    expect(problemsOf(await types.generateFor('acme', { secrets: [] }), source)).toHaveLength(1);
    expect(problemsOf(types.generate(), misspelt)).toEqual([]);
    await host.get(VariableService).delete('acme', 'typed_region', 'ada');
  });

  it('are masked in the input by which a test run chooses a stand-in', async () => {
    const name = await secret();
    const draft = {
      source: `return mail.send({ password: \`key \${secrets.${name}}\` });`,
      secrets: [name],
      bindings: ['mail.send'],
    };
    const standIns = { 'mail.send': [{ input: { password: `key [secret:${name}]` }, answer: 'stood in' }] };
    const options = { bindings: { standIns } };
    expect(
      await host.get(TestRunService).run('acme', draft, { type: 'user.created' }, options),
    ).toMatchObject({
      result: 'stood in',
    });
  });

  it('keep their old value for a run under way when they are rotated, and have the new one in the next run', async () => {
    const name = await secret();
    const id = await host.script(
      `const first = await http.fetch({ url: '${api.url}/hold', headers: { a: secrets.${name} } });
       await http.fetch({ url: '${api.url}/second', headers: { a: secrets.${name} } });`,
      { bindings: ['http.fetch'], secrets: [name] },
    );
    const changed = `rotated-${randomBytes(8).toString('hex')}`;
    const running = host.get(ExecutionService).execute(id, ADA, { tenantId: 'acme' });
    await waitFor('the first call has come', () => api.seen.find(({ url }) => url === '/hold'));
    await host.get(SecretService).rotate('acme', name, changed, 'eve');
    await running;
    expect(api.seen.findLast(({ url }) => url === '/second')?.headers.a).toContain('xoxb');
    await host.get(ExecutionService).execute(id, ADA, { tenantId: 'acme' });
    const last = api.seen.filter(({ url }) => url === '/hold');
    expect(last.at(-1)?.headers.a).toBe(changed);
    const summary = await host.get(SecretService).get('acme', name);
    expect(summary).toMatchObject({ version: 2, valueSetBy: 'eve', createdBy: 'ada', hosts: [api.host] });
    expect(Object.keys(summary)).not.toContain('sealed');
    await waitFor(
      'the last use is noted',
      async () => (await host.get(SecretService).get('acme', name)).lastUsedAt,
    );
  });

  it('are not used by a test run unless its options say so', async () => {
    const name = await secret();
    const draft = {
      source: told(`http.fetch({ url: '${api.url}/test', headers: { a: secrets.${name} } })`),
      secrets: [name],
      bindings: ['http.fetch'],
    };
    const test = (secrets?: 'use') =>
      host
        .get(TestRunService)
        .run('acme', draft, { type: 'user.created' }, { bindings: 'call', ...(secrets ? { secrets } : {}) });
    expect(await test()).toMatchObject({ result: { code: 'test-run' } });
    expect(api.seen.some(({ url }) => url === '/test')).toBe(false);
    expect(await test('use')).toMatchObject({ status: 'completed', result: { answer: { status: 200 } } });
    expect(api.seen.some(({ url }) => url === '/test')).toBe(true);
  });

  it('do not appear in the database, the log, traces, answers of services, or the memory of a sandbox process', async () => {
    const value = `needle-${randomBytes(16).toString('hex')}`;
    const name = await secret({ value, bindings: ['mail.send'] });
    const control = `control-${randomBytes(16).toString('hex')}`;
    const id = await host.script(
      `const control = '${control}';
       const token = secrets.${name};
       await http.fetch({ url: '${api.url}/?t=' + token, method: 'POST', headers: { a: \`B \${token}\` }, json: { token } });
       const answer = await mail.send({ password: token });
       const mac = await sdk.hmac({ secret: token, text: 'a' });
       await store.set('seen ' + token, { token, answer });
       await store.tenant.set('token', String(token));
       events.publish('own.found', { token, answer });
       console.log(token, answer);
       if (ctx.execution.attempt === 1 && ctx.input.email === 'fail@example.com') throw new Error('no ' + token + JSON.stringify(answer));
       return [control, token, answer, mac];`,
      { bindings: ['http.fetch', 'mail.send'], secrets: [name] },
    );
    await host.get(ExecutionService).execute(id, ADA, { tenantId: 'acme' });
    const published = host.heard<{ type: string; payload: unknown }>('script.event');
    host.emit('user.created', { tenantId: 'acme', ...ADA, email: 'fail@example.com' });
    await host.executed(3, id);
    await host.deadLetters(id);
    expect(host.get(MailBindings).sent.at(-1)?.resolved).toBe(value);

    const bytes = Buffer.from(value);
    const needles = [value, bytes.toString('hex'), value.slice(7)];
    for (const before of ['', 'a', 'ab']) {
      const text = Buffer.concat([Buffer.from(before), bytes]).toString('base64');
      needles.push(text.slice(4, -4), text.slice(4, -4).replaceAll('+', '-').replaceAll('/', '_'));
    }
    const found = (text: string): string[] => needles.filter((needle) => text.includes(needle));
    const tables: { name: string }[] = await host.database.dataSource.query(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema()`,
    );
    for (const table of tables) {
      const rows: unknown = await host.database.dataSource.query(`SELECT t::text FROM "${table.name}" t`);
      expect({ table: table.name, found: found(JSON.stringify(rows)) }).toEqual({
        table: table.name,
        found: [],
      });
    }
    expect(found(log.lines.join('\n'))).toEqual([]);
    expect(spans.named('POST').length).toBeGreaterThan(0);
    expect(found(spans.text)).toEqual([]);
    // Answers of services: a test run, lists, the store, metrics.
    const { source } = await host.get(ScriptService).getVersion('acme', id, 1);
    const draft = { source, bindings: ['http.fetch', 'mail.send'], secrets: [name] };
    const tested = await host
      .get(TestRunService)
      .run('acme', draft, { type: 'user.created' }, { bindings: 'call', secrets: 'use' });
    expect(tested).toMatchObject({
      status: 'completed',
      result: expect.arrayContaining([`[secret:${name}]`]) as unknown,
    });
    const stores = host.get(ScriptStoreService);
    const keys = await stores.list('acme', { scriptId: id });
    expect(keys.items).toMatchObject([{ key: `seen [secret:${name}]` }]);
    const answers = [
      tested,
      keys,
      await stores.get('acme', 'token'),
      await host.get(SecretService).list('acme'),
      await host.get(ScriptService).list('acme', { secret: name }),
      host.get(InMemoryMetricsRecorder).bindingMetrics(),
      host.get(InMemoryMetricsRecorder).secretMetrics(),
      published,
    ];
    expect(found(JSON.stringify(answers))).toEqual([]);
    const pids = await sandboxChildren();
    // Proves that the search works.
    expect(pids.flatMap((pid) => foundIn(pid, [control]))).toContain(control);
    expect(pids.flatMap((pid) => foundIn(pid, needles))).toEqual([]);
  });

  it('and variables are available together; a run reads variables as they were when it began', async () => {
    const variables = host.get(VariableService);
    await variables.setMany('acme', { region: 'eu', limits: { large: [10, 20] } }, 'ada');
    const read = async (source: string): Promise<unknown> => (await run(source, [])).result;
    expect(
      await read(`return [vars.region, vars.get('x', 5), vars.get('x') ?? null, 'region' in vars, 'x' in vars, vars,
        vars['reg' + 'ion'], eval('va' + 'rs').region, Object.keys(vars)];`),
    ).toEqual([
      'eu',
      5,
      null,
      true,
      false,
      { limits: { large: [10, 20] }, region: 'eu' },
      'eu',
      'eu',
      ['limits', 'region'],
    ]);
    expect(
      await read(
        `'use strict'; const tries = [() => (vars.region = 1), () => vars.limits.large.push(1), () => (vars.limits.large[0] = 1), () => delete vars.region];
         return [tries.map((act) => { try { act(); return 'changed'; } catch { return 'refused'; } }), vars];`,
      ),
    ).toEqual([['refused', 'refused', 'refused', 'refused'], { limits: { large: [10, 20] }, region: 'eu' }]);
    expect(await read(told('(() => vars.regoin)()'))).toEqual({
      name: 'UnknownNameError',
      code: 'variable',
      message:
        'There is no variable "regoin". Did you mean "region"? vars.get("regoin", fallback) is no error',
    });
    for (const inherited of ['__proto__', 'constructor', 'toString', 'then', 'toJSON'])
      expect(await read(`return vars.${inherited} === undefined;`)).toBe(true);

    const running = run(
      `const before = vars.region; await http.fetch({ url: '${api.url}/wait' }); return [before, vars.region];`,
      [],
    );
    await waitFor('the run waits', () => api.seen.find(({ url }) => url === '/wait'));
    await variables.set('acme', 'region', 'us', 'eve');
    expect((await running).result).toEqual(['eu', 'eu']);
    expect(await read('return vars.region;')).toBe('us');
    // A script of another tenant doesn't read them.
    const id = await host.script(`return vars.get('region', 'none');`, { tenantId: 'globex' });
    expect(await host.get(ExecutionService).execute(id, ADA, { tenantId: 'globex' })).toMatchObject({
      result: 'none',
    });
  });

  it('are listed in a script that may use them, also after they were deleted', async () => {
    const name = await secret();
    const id = await host.script('return 1;', { secrets: [name] });
    expect(await host.get(ScriptService).get('acme', id)).toMatchObject({ secrets: [name] });
    await host.get(SecretService).delete('acme', name);
    await expect(host.get(SecretService).get('acme', name)).rejects.toThrow(`no secret "${name}"`);
    expect(await host.get(ScriptService).get('acme', id)).toMatchObject({ secrets: [name] });
    expect((await run(told(`secrets.${name}`), [])).result).toMatchObject({ code: 'secret' });
  });
});

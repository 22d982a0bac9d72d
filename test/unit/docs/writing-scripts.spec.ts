import type { JsonObject } from '../../../lib/common/json.js';
import { MemoryStoreReader } from '../../../lib/store/memory-store.reader.js';
import { RunStore } from '../../../lib/store/run-store.js';
import { TypeStripper } from '../../../lib/scripts/typescript/type-stripper.js';
import {
  BindingCallError,
  type CallBinding,
  ScriptSandbox,
  type Outcome,
} from '../../../lib/sandbox/index.js';
import { type CodeBlock, codeBlocks, readPage } from './pages.js';

const page = readPage('docs/writing-scripts.md');
const examples = codeBlocks(page, 'js');
const taken = new Set<CodeBlock>();

/** The example that contains a text. */
function example(part: string): string {
  const found = examples.filter(({ code }) => code.includes(part));
  if (found.length !== 1)
    throw new Error(`docs/writing-scripts.md has ${found.length} examples with ${part}`);
  taken.add(found[0]!);
  return found[0]!.code;
}

/** Names in back quotes of a table's first cells, in the part under a heading. */
const namesUnder = (heading: string): string[] =>
  [
    ...page.text
      .split(`\n## ${heading}\n`)[1]!
      .split('\n## ')[0]!
      .matchAll(/^\| (.*?) +\|/gm),
  ].flatMap(([, cell]) => [...cell!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));

describe('docs/writing-scripts.md', () => {
  let sandbox: ScriptSandbox;
  beforeAll(async () => {
    sandbox = new ScriptSandbox({ processes: { min: 1, max: 1 } });
    await sandbox.start();
  });
  afterAll(() => sandbox.stop());

  const run = (
    source: string,
    input: JsonObject = {},
    occurredAt = '2026-01-31T09:00:00.000Z',
    type = 'user.created',
  ): Promise<Outcome> =>
    sandbox.run({
      source,
      input,
      tenantId: 'acme',
      scriptId: 'script',
      version: 1,
      event: { id: 'event', type, occurredAt, depth: 0 },
      execution: { id: 'execution', attempt: 1, idempotencyKey: 'event:script' },
      reservedEventTypes: ['user.created'],
    });

  it('begins with a script that logs, publishes and returns', async () => {
    expect(
      await run(example('A large payment'), { paymentId: 17, amount: 12500, currency: 'EUR' }),
    ).toMatchObject({
      status: 'completed',
      result: 'asked for a review',
      logs: [{ level: 'info', message: 'A large payment', data: { amount: 12500, currency: 'EUR' } }],
      published: [{ type: 'payment.needs_review', payload: { paymentId: 17 } }],
    });
  });

  it('shows how a script of several event types finds out the type of its event', async () => {
    const source = example('switch (ctx.type)');
    const at = '2026-01-31T09:00:00.000Z';
    const paid = await run(source, { amount: 5, currency: 'EUR' }, at, 'payment.created');
    expect(paid).toMatchObject({ result: '5 EUR' });
    expect(await run(source, { email: 'a@b' }, at, 'client.created')).toMatchObject({ result: 'a@b' });
    expect(await run(source)).toMatchObject({ result: null });
  });

  it('shows how a script says whether a retry makes sense', async () => {
    const source = example('NonRetryableError(');
    expect(await run(source, { email: 'ada@example.com' })).toMatchObject({ result: 'fine' });
    expect(await run(source, { email: 'ada' })).toMatchObject({
      error: { kind: 'runtime', retryable: false, line: 1 },
    });
    const early = await run(source, { email: 'a@b' }, new Date().toISOString());
    expect(early).toMatchObject({ error: { kind: 'runtime', message: 'Less than half an hour old' } });
    expect(early).toMatchObject({ error: { retryAfterMs: expect.any(Number) as number } });
  });

  it('shows how a script calls a binding and handles a refusal', async () => {
    const source = example('crm.findClient');
    const answers = (callBinding: CallBinding): Promise<Outcome> =>
      sandbox.run({
        source,
        input: { email: 'ada' },
        tenantId: 'acme',
        scriptId: 'binding',
        version: 1,
        bindings: ['crm.findClient'],
        callBinding,
      });
    expect(await answers(async () => ({ name: 'Ada' }))).toMatchObject({ result: 'Ada' });
    expect(await answers(async () => null)).toMatchObject({ result: 'unknown' });
    const refused = await answers(() => Promise.reject(new BindingCallError('invalid-input', 'no email')));
    expect(refused).toMatchObject({ result: 'not looked up', logs: [{ data: { why: 'no email' } }] });
    const failed = await answers(() => Promise.reject(new Error('secret')));
    expect(failed).toMatchObject({ error: { name: 'BindingError', message: 'crm.findClient failed' } });
  });

  it('shows a secret in a header, and a signature', async () => {
    const secrets = { nonce: '0'.repeat(32), names: ['slack_token', 'signing_key'] };
    const calls: [string, JsonObject][] = [];
    const answers = (source: string, input: JsonObject): Promise<Outcome> =>
      sandbox.run({
        source,
        input,
        tenantId: 'acme',
        scriptId: 'secret',
        version: 1,
        secrets,
        bindings: ['http.fetch'],
        callBinding: async (name, args) => {
          calls.push([name, args as JsonObject]);
          return name === 'http.fetch' ? { status: 200 } : 'c2lnbmVk';
        },
      });
    const marker = (at: number): string => `_secret_${secrets.nonce}_${at}_`;
    expect(await answers(example('chat.postMessage'), { name: 'Ada' })).toMatchObject({ result: 200 });
    const body = '{"order":7}';
    expect(await answers(example('sdk.hmac'), { orderId: 7 })).toMatchObject({
      result: { body, signature: 'c2lnbmVk' },
    });
    expect(calls).toMatchObject([
      ['http.fetch', { headers: { authorization: `Bearer ${marker(0)}` } }],
      ['sdk.hmac', { secret: marker(1), text: body, encoding: 'base64' }],
    ]);
  });

  it('shows variables, with a fallback and without', async () => {
    const answers = (amount: number, variables: JsonObject): Promise<Outcome> =>
      sandbox.run({
        source: example('review_limit'),
        input: { amount },
        tenantId: 'acme',
        scriptId: 'variables',
        version: 1,
        variablesText: JSON.stringify(variables),
      });
    expect(await answers(20_000, { region: 'eu' })).toMatchObject({ result: 'eu: a large payment' });
    expect(await answers(200, { review_limit: 300 })).toMatchObject({ result: 'not large' });
    expect(await answers(20_000, { regoin: 'eu' })).toMatchObject({
      error: {
        name: 'UnknownNameError',
        message:
          'There is no variable "region". Did you mean "regoin"? vars.get("region", fallback) is no error',
      },
    });
  });

  it('shows scripts that keep values in the store and read them in the next run', async () => {
    const kept = new Map<string, string>();
    const answers = async (part: string): Promise<unknown> => {
      const reader = new MemoryStoreReader(new Map([['remembers', kept]]));
      const owner = { tenantId: 'acme', scriptId: 'remembers' };
      const store = new RunStore(reader, owner);
      const outcome = await sandbox.run({
        source: example(part),
        input: { clientId: 7 },
        ...owner,
        version: part.length,
        event: { id: 'event', type: 'user.created', occurredAt: '2026-01-31T09:00:00.000Z', depth: 0 },
        callBinding: (name, input) => store.call(name, input),
      });
      for (const { key, write } of store.changes()?.keys ?? [])
        if (write?.kind === 'set') kept.set(key, write.text);
      return outcome.status === 'completed' ? outcome.result : outcome.error;
    };
    expect(await answers("store.increment('visits')")).toBe('the first visit in a month');
    expect(await answers("store.increment('visits')")).toBe('last seen 2026-01-31T09:00:00.000Z');
    expect(await answers('client.to-be-told')).toBe('told');
    expect(await answers('client.to-be-told')).toBe('told before');
  });

  it('is right that a variable with the name of a binding takes its place', async () => {
    const outcome = await sandbox.run({
      source: `const crm = { findClient: () => 'my own' }; return crm.findClient();`,
      tenantId: 'acme',
      scriptId: 'own',
      version: 1,
      bindings: ['crm.findClient'],
      callBinding: async () => null,
    });
    expect(outcome).toMatchObject({ result: 'my own' });
  });

  it('shows a script that writes a time in the time zone of its readers', async () => {
    expect(await run(example('Europe/Berlin'))).toMatchObject({
      result: { berlinHour: 10 },
      logs: [{ message: 'It was 31. Januar 2026 um 10:00' }],
    });
  });

  it('shows two scripts that together welcome a user', async () => {
    const first = await run(example('welcome.requested'), { firstName: 'Ada', email: 'ada@example.com' });
    const payload = { to: 'ada@example.com', text: 'Welcome, Ada!' };
    expect(first.published).toEqual([{ type: 'welcome.requested', payload }]);
    expect(await run(example('Would send'), payload)).toMatchObject({
      result: { to: 'ada@example.com' },
      logs: [{ data: { ...payload, key: 'event:script' } }],
    });
  });

  it('shows a script that counts money in cents, whether the amount is a number or text', async () => {
    for (const amount of [120.1, '120.10']) {
      expect(await run(example('const vat'), { amount })).toMatchObject({
        result: { cents: 12010, vat: 2002 },
      });
    }
  });

  it('shows a script that sorts messages by topic', async () => {
    const source = example('TOPICS');
    expect(await run(source, { chatId: 3, content: 'My Invoice and my parcel' })).toMatchObject({
      result: { topics: ['billing', 'delivery'] },
      published: [{ type: 'ticket.opened', payload: { chatId: 3, topics: ['billing', 'delivery'] } }],
    });
    expect(await run(source, { chatId: 3, content: 'Hello' })).toMatchObject({
      result: { topics: [] },
      published: [],
    });
  });

  it('shows a script that publishes a key by which repetitions are recognised', async () => {
    const { published } = await run(example('receipt.requested'), { paymentId: 17 });
    expect(published).toEqual([
      { type: 'receipt.requested', payload: { paymentId: 17, key: 'event:script' } },
    ]);
  });

  it('shows a script in TypeScript', async () => {
    const types = new TypeStripper();
    const [source] = codeBlocks(page, 'ts');
    const stripped = await types.strip(source!.code);
    await types.onApplicationShutdown();
    expect(
      await run((stripped as { javascript: string }).javascript, { items: [{ cents: 5 }] }),
    ).toMatchObject({
      result: { cents: 5 },
    });
  });

  it('has no example that the tests above did not run', () => {
    expect(examples.filter((each) => !taken.has(each))).toEqual([]);
  });

  it('is right about the globals that scripts do not have', async () => {
    const names = namesUnder('What is not there, and why').filter((name) => name !== 'import');
    expect(names).toEqual(
      expect.arrayContaining(['require', 'process', 'fetch', 'setTimeout', 'WebAssembly', 'crypto']),
    );
    const { status, ...rest } = await run(`return [${names.map((name) => `typeof ${name}`).join()}];`);
    expect({ status, ...rest }).toMatchObject({ result: names.map(() => 'undefined') });
    expect(await run(`import x from 'fs';`)).toMatchObject({ error: { kind: 'syntax' } });
    expect(await run(`await import('fs');`)).toMatchObject({ status: 'failed' });
  });

  it('is right about the built-in objects that scripts have', async () => {
    const used = `typeof Intl.NumberFormat, new Map([[1, 2]]), typeof RegExp, new Date(0)`;
    expect(await run(`return [${used}];`)).toMatchObject({
      result: ['function', {}, 'function', '1970-01-01T00:00:00.000Z'],
    });
  });

  it('is right about ctx: every field is there, and none can be changed', async () => {
    const paths = [...page.text.matchAll(/^\| `(ctx\.[^|]+?) +\|/gm)].flatMap(([, cell]) => {
      const fields = [...`\`${cell}`.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
      const parent = fields[0]!.slice(0, fields[0]!.lastIndexOf('.'));
      return fields.map((field) => (field.startsWith('.') ? parent + field : field));
    });
    expect(paths.length).toBeGreaterThan(11);
    expect(await run(`return [${paths.map((path) => `${path} === undefined`).join()}];`)).toMatchObject({
      result: paths.map(() => false),
    });
    expect(
      await run(`ctx.input.a = 2; ctx.tenant.id = 'globex'; return [ctx.input.a, ctx.tenant.id];`, { a: 1 }),
    ).toMatchObject({
      result: [1, 'acme'],
    });
    expect(await run(`'use strict'; ctx.input.a = 2;`, { a: 1 })).toMatchObject({
      error: { name: 'TypeError' },
    });
  });

  it('is right about the log levels of console', async () => {
    const { logs } = await run(
      `console.log(1); console.info(1); console.dir(1); console.table(1); console.debug(1); console.trace(1);
       console.warn(1); console.error('e', 1, 2);`,
    );
    expect(logs.map(({ level }) => level).join(' ')).toBe('info info info info debug debug warn error');
    expect(logs.at(-1)).toEqual({ level: 'error', message: 'e', data: [1, 2] });
  });

  it('is right about what cannot be published and returned', async () => {
    expect(await run(`events.publish('user.created', {});`)).toMatchObject({
      error: { name: 'EventTypeError' },
    });
    expect(await run(`events.publish('script.event', {});`)).toMatchObject({
      error: { name: 'EventTypeError' },
    });
    expect(await run(`events.publish('a b', {});`)).toMatchObject({ error: { name: 'EventTypeError' } });
    expect(await run(`events.publish('a', 1);`)).toMatchObject({ error: { name: 'EventPayloadError' } });
    expect(await run(`for (let i = 0; i < 31; i++) events.publish('a');`)).toMatchObject({
      error: { name: 'LimitError' },
    });
    const caught = `const caught = (act) => { try { act(); } catch (error) { return error; } };
      const many = () => { for (let i = 0; i < 31; i++) events.publish('a'); };
      return [[EventTypeError, () => events.publish('a b')], [EventPayloadError, () => events.publish('a', 1)], [LimitError, many]]
        .map(([Class, act]) => [caught(act), Class])
        .map(([error, Class]) => [error instanceof Class && error instanceof Error, error.name === Class.name, error.code]);`;
    expect(await run(caught)).toMatchObject({
      result: [
        [true, true, 'event-type'],
        [true, true, 'event-payload'],
        [true, true, 'publishes'],
      ],
    });
    expect(await run(`return 1n;`)).toMatchObject({ error: { kind: 'runtime' } });
    expect(await run(`return 'x'.repeat(300_000);`)).toMatchObject({ error: { kind: 'rejected' } });
  });

  it('is right that a failed run publishes nothing', async () => {
    const failed = await run(`events.publish('a'); sdk.log.info('kept'); throw new Error('no');`);
    expect(failed).toMatchObject({ status: 'failed', published: [], logs: [{ message: 'kept' }] });
  });
});

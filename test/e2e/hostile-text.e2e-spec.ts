import type { JsonObject } from '../../lib/common/json.js';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LoggerService } from '@nestjs/common';
import { Registry } from 'prom-client';
import {
  DeadLetterService,
  ExecutionService,
  ScriptBinding,
  DomainEventPublisher,
  type ScriptHealthChanged,
  ScriptHealthService,
  ScriptsEventHealth,
  ScriptService,
  TestRunService,
} from '../../lib/index.js';
import { HOST_EVENTS } from '../../lib/events/host-events.js';
import type { JsonValue } from '../../lib/common/json.js';
import { waitFor } from '../support/wait-for.js';
import { CommandFolder } from './support/command-line.js';
import { HOSTILE, rawTexts, textsIn, UNSTORABLE } from './support/hostile-text.js';
import { ADA, TestHost } from './support/test-host.js';

const TENANT = `acme ${HOSTILE}`;
const inSource = (text: string): string => JSON.stringify(text);

/** Keeps what an application logs, unchanged, with its level. */
class HandedLog implements LoggerService {
  readonly lines: unknown[][] = [];
  log = (...parts: unknown[]): void => void this.lines.push(parts);
  error = this.log;
  warn = this.log;
  debug = this.log;
  verbose = this.log;
  fatal = this.log;

  has(part: string): boolean {
    return this.lines.some((line) => textsIn(line).some((text) => text.includes(part)));
  }
}

class Crm {
  @ScriptBinding('crm.find')
  find(input: JsonValue): never {
    throw new Error(`no client ${(input as { name: string }).name}`);
  }
}

/** The error of a refused act, as its author reads it. */
async function refusalOf(act: () => unknown): Promise<{ message: string; issues: unknown }> {
  const error = await Promise.resolve()
    .then(act)
    .then(
      () => new Error('it was not refused'),
      (thrown: unknown) => thrown,
    );
  const { message, issues } = error as { message: string; issues?: unknown };
  return { message, issues };
}

/** A server that receives alerts, and the bodies that it got. */
async function alertReceiver() {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      bodies.push(body);
      response.end();
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { bodies, url, close: () => server.close() };
}

describe('hostile text of a tenant', () => {
  let receiver: Awaited<ReturnType<typeof alertReceiver>>;
  beforeEach(async () => {
    receiver = await alertReceiver();
  });
  afterEach(() => receiver.close());

  const start = async (): Promise<{ host: TestHost; log: HandedLog; registry: Registry }> => {
    const log = new HandedLog();
    const registry = new Registry();
    const host = await TestHost.start({
      logger: log,
      providers: [Crm],
      options: {
        retry: { maxRetries: 0 },
        alerts: { webhookUrl: receiver.url, interval: '0ms' },
        metrics: { registry },
      },
    });
    return { host, log, registry };
  };

  it('is printable in the log, alerts, events for the host, health and metrics of an application', async () => {
    const { host, log, registry } = await start();
    const exhausted = host.heard<object>(HOST_EVENTS.deadLetterExhausted);
    const disabled = host.heard<ScriptHealthChanged>(HOST_EVENTS.scriptDisabled);
    const make = (name: string, source: string, more: object = {}) =>
      host.script(source, { tenantId: TENANT, name: `${name} ${HOSTILE}`, ...more });
    const thrower = await make(
      'thrower',
      `const text = ${inSource(UNSTORABLE)};
       console.log(text, { [text]: text });
       const error = new Error(text); error.name = text; throw error;`,
    );
    await make('caller', `return crm.find({ name: ${inSource(HOSTILE)} });`, { bindings: ['crm.find'] });
    await make('publisher', `events.publish(${inSource(HOSTILE)}, {}); return 1;`);
    await make('killer', `return Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1);`, {
      limits: { timeoutMs: 100 },
    });
    await make('echo', `events.publish('acme.big', { [${inSource(HOSTILE)}]: 'a'.repeat(60000) });`);
    await make('slow filter', 'return 1;', {
      eventTypes: ['acme.big'],
      filters: {
        or: Array.from({ length: 60 }, (_, at) => ({
          [`/${HOSTILE}`]: { contains: `zz${at}` },
        })),
      },
    });
    await make('loop', `events.publish('acme.loop', {});`, { eventTypes: ['user.created', 'acme.loop'] });

    host.emit('user.created', { ...ADA, tenantId: TENANT });
    host.emit('user.created', { tenantId: TENANT, [HOSTILE]: ADA });
    host.emit('user.created', { ...ADA, tenantId: TENANT, userId: 7n, [UNSTORABLE]: 7n });
    host.emit('client.created', { clientId: 7, tenantId: `${HOSTILE}${'x'.repeat(300)}` });
    const reasons = ['failed', 'undecided', 'loop'];
    await waitFor('the dead letters of each reason', async () => {
      const kept = new Set((await host.deadLetters()).map(({ reason }) => reason));
      return reasons.every((reason) => kept.has(reason as 'failed'));
    });
    await host.get(ScriptService).disable(TENANT, thrower, { by: HOSTILE, reason: HOSTILE });
    await host.get(DeadLetterService).purge(TENANT, { olderThanMs: 3_600_000, by: HOSTILE });
    await waitFor('the alerts', () => exhausted.length >= 3 && disabled.length === 1);
    await waitFor('the webhook', () => receiver.bodies.some((body) => body.includes('script.disabled')));
    await waitFor('what a killed process leaves', () => log.has('ended a sandbox process'));
    await host.idle();

    for (const told of [
      'needs too many steps',
      'crm.find',
      'gave up',
      'is disabled',
      'were purged.',
      'BigInt',
    ])
      expect([told, log.has(told)]).toEqual([told, true]);
    expect(rawTexts(log.lines)).toEqual([]);

    for (const body of receiver.bodies) {
      expect(rawTexts([body])).toEqual([]);
      expect(body).not.toMatch(/[<>&]/);
      const { text } = JSON.parse(body) as { text: string };
      expect(rawTexts([text])).toEqual([]);
      expect(text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
      // Outside of code, no text of the tenant is left that a chat could read as markup.
      expect(text.replaceAll(/`[^`]*`/g, '')).not.toMatch(/channel|U1/);
    }

    // Ids are data for programs, so they are not changed.
    const shown = [...exhausted, ...disabled].map((event) => ({ ...event, tenantId: '', by: '' }));
    expect(rawTexts(shown)).toEqual([]);

    expect(rawTexts(await host.get(ScriptsEventHealth).check())).toEqual([]);
    const metrics = await registry.metrics();
    expect(metrics).toContain('scripts_binding_calls_total{binding="crm.find"');
    expect(rawTexts(metrics.split('\n'))).toEqual([]);
  });

  it('is printable in the errors that authors get, whatever argument contains it', async () => {
    const { host } = await start();
    const scripts = host.get(ScriptService);
    const tests = host.get(TestRunService);
    const letters = host.get(DeadLetterService);
    const executions = host.get(ExecutionService);
    const health = host.get(ScriptHealthService);
    const publisher = host.get(DomainEventPublisher);
    const id = await host.script('return 1;', { tenantId: TENANT, name: HOSTILE });
    const strange: Record<string, string> = { [UNSTORABLE]: UNSTORABLE };
    const odd = strange as never;
    const text = UNSTORABLE as never;
    const draft = { name: UNSTORABLE, eventTypes: [UNSTORABLE], source: UNSTORABLE, language: text };
    const conditions = [
      { [UNSTORABLE]: 1 },
      { [`a.${UNSTORABLE}.`]: 1 },
      { [`$${HOSTILE}`]: 1 },
      { [`/${HOSTILE}/~`]: 1 },
      { [HOSTILE]: { [UNSTORABLE]: 1 } },
      { [HOSTILE]: { between: [UNSTORABLE, UNSTORABLE] } },
      { [HOSTILE]: { [HOSTILE]: { [HOSTILE]: 1 } } },
      { or: [{ [HOSTILE]: { gt: UNSTORABLE, like: '\\' + HOSTILE } }] },
    ];
    const acts: Record<string, () => unknown> = {
      create: () => scripts.create(text, draft),
      'create fields': () =>
        scripts.create(TENANT, {
          ...draft,
          ...strange,
          bindings: [UNSTORABLE],
          limits: odd,
          orderingKey: UNSTORABLE,
          onOrderedFailure: text,
        }),
      'create twice': () =>
        scripts.create(TENANT, { name: HOSTILE, eventTypes: ['user.created'], source: 'return 1;' }),
      syntax: () => scripts.updateSource(TENANT, id, `return 'a' ${HOSTILE}`),
      typescript: () => scripts.updateSource(TENANT, id, `enum ${HOSTILE} {}`, { language: 'typescript' }),
      get: () => scripts.get(TENANT, UNSTORABLE),
      list: () =>
        scripts.list(TENANT, { status: text, eventType: UNSTORABLE, cursor: UNSTORABLE, ...strange }),
      pause: () => scripts.pause(TENANT, id, odd),
      disable: () => scripts.disable(TENANT, id, { by: UNSTORABLE, reason: UNSTORABLE }),
      'test of an event': () => tests.run(TENANT, id, { type: UNSTORABLE }),
      'test of an input': () => tests.run(TENANT, id, { type: 'acme.x', input: { [UNSTORABLE]: 1n } }),
      'test of a letter': () => tests.run(TENANT, id, { deadLetterId: UNSTORABLE }),
      'test of an execution': () => tests.run(TENANT, id, { executionId: UNSTORABLE }),
      execute: () => executions.execute(UNSTORABLE, {}, { tenantId: TENANT }),
      'execute data': () => executions.execute(id, { [UNSTORABLE]: 1n }, { tenantId: TENANT }),
      'executions get': () => executions.get(TENANT, UNSTORABLE),
      'executions list': () => executions.list(TENANT, odd),
      'letters get': () => letters.get(TENANT, UNSTORABLE),
      'letters list': () => letters.list(TENANT, { status: text }),
      'letters discard': () => letters.discard(TENANT, id, { by: UNSTORABLE, note: UNSTORABLE }),
      'health get': () => health.get(TENANT, UNSTORABLE),
      'health list': () => health.list(TENANT, { state: text }),
      resume: () => health.resume(TENANT, id, { by: 'me', replay: text }),
      publish: () => publisher.publish(HOSTILE, {} as never),
      'publish field': () =>
        publisher.publish('user.created', { ...ADA, userId: 1n } as never, { tenantId: TENANT, ...strange }),
    };
    for (const [at, filters] of conditions.entries())
      acts[`filter ${at}`] = () => scripts.update(TENANT, id, { filters: filters as object as JsonObject });
    const refused: Record<string, object> = {};
    for (const [name, act] of Object.entries(acts)) refused[name] = await refusalOf(act);
    for (const [name, refusal] of Object.entries(refused)) {
      expect({ name, ...refusal }).not.toMatchObject({ message: 'it was not refused' });
      expect({ name, raw: rawTexts(refusal) }).toEqual({ name, raw: [] });
    }
  });

  it('is printable in the output and the errors of each command', async () => {
    const folder = new CommandFolder();
    try {
      const text = inSource(UNSTORABLE);
      folder.write({
        'script.js': `const text = ${text};
          console.log(text, { [text]: text }); events.publish('a.b', { [text]: text });
          await crm.find(text).catch((error) => console.error(error.message));
          const error = new Error(text); error.name = text; throw error; // ${HOSTILE}`,
        'stubs.js': `exports.crm = { find(name) { throw new Error(name); } };`,
        'input.json': { [UNSTORABLE]: UNSTORABLE },
        'filter.json': { or: [{ [`/${HOSTILE}`]: { eq: HOSTILE } }] },
        'bad-filter.json': { [HOSTILE]: { [HOSTILE]: 1 } },
        'bad.json': HOSTILE,
      });
      const run = ['run', 'script.js', '-e', 'acme.x', '-i', 'input.json', '-b', 'stubs.js'];
      const calls = [
        [...run, '--tenant', TENANT, '--actor', HOSTILE],
        [...run, '--json'],
        [...run, '-f', 'filter.json'],
        [...run, '-f', 'filter.json', '--json'],
        [...run, '-f', 'bad-filter.json'],
        ['run', 'script.js', '-e', 'acme.x', '-i', 'bad.json'],
        ['run', 'script.js', '-e', HOSTILE],
        ['run', HOSTILE, '-e', 'acme.x'],
        ['run', 'script.js', `--${HOSTILE}`],
        ['types', '--app', HOSTILE],
        [HOSTILE],
      ];
      for (const args of calls) {
        const { out, err } = await folder.call(args);
        expect({ args, silent: out + err === '' }).toEqual({ args, silent: false });
        expect({ args, raw: rawTexts([out, err].flatMap((printed) => printed.split('\n'))) }).toEqual({
          args,
          raw: [],
        });
        // If the tenant could write a line of its own, that line would begin with the text after a line end.
        expect({ args, forged: `${out}${err}`.includes('\n\\r') }).toEqual({ args, forged: false });
      }
    } finally {
      folder.remove();
    }
  });
});

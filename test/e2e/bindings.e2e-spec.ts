import { Clock } from '../../lib/common/clock.js';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { Injectable, NotFoundException } from '@nestjs/common';
import { IsEmail, IsOptional, IsString } from 'class-validator';
import {
  BindingCallError,
  type BindingContext,
  BindingDeclarationError,
  BindingRegistry,
  ExecutionService,
  InMemoryMetricsRecorder,
  SandboxOptions,
  ScriptBinding,
  type ScriptsEventModuleOptions,
} from '../../lib/index.js';
import { buildApp, closeAfterStart } from '../support/app.builder.js';
import { certificateAuthority } from '../support/certificates.js';
import { createTestSchema } from '../support/postgres.js';
import { waitFor } from '../support/wait-for.js';
import { RecordedLog } from './support/recorded-log.js';
import { ADA, sharedHost, TestHost } from './support/test-host.js';

const SECRET = 'postgres://crm:s3cret@10.0.0.7/crm';

class FindClient {
  @IsEmail()
  email!: string;

  @IsOptional()
  @IsString()
  note?: string;
}

@Injectable()
class CrmBindings {
  readonly contexts: BindingContext[] = [];
  /** The calls of `crm.wait` that have not been answered. */
  readonly waiting: { context: BindingContext; answer: (value: string) => void }[] = [];

  @ScriptBinding('crm.findClient', { input: FindClient, description: 'A client by its email' })
  async findClient({ email }: FindClient, context: BindingContext) {
    this.contexts.push(context);
    return { email, tenant: context.tenantId, since: new Date(0) };
  }

  @ScriptBinding('crm.breaks')
  breaks() {
    throw new Error(`connect ECONNREFUSED ${SECRET}`);
  }

  @ScriptBinding('crm.refuses')
  refuses() {
    throw new BindingCallError('over-quota', 'Come back tomorrow');
  }

  @ScriptBinding('crm.misses')
  misses() {
    throw new NotFoundException('There is no client 7');
  }

  @ScriptBinding('crm.wait', { timeoutMs: 60_000 })
  wait(_input: unknown, context: BindingContext): Promise<string> {
    return new Promise((answer) => this.waiting.push({ context, answer }));
  }

  @ScriptBinding('crm.late', { timeoutMs: 30 })
  late(_input: unknown, context: BindingContext): Promise<string> {
    return new Promise((answer) => this.waiting.push({ context, answer }));
  }

  @ScriptBinding('crm.huge')
  huge() {
    return 'x'.repeat(2_000);
  }
}

const ALL = ['crm.breaks', 'crm.findClient', 'crm.huge', 'crm.late', 'crm.misses', 'crm.refuses', 'crm.wait'];

/** The source of a script that calls a binding and returns its answer or its error. */
const told = (call: string): string =>
  `try { return { answer: await ${call} }; } catch ({ name, code, message, stack }) { return { name, code, message, stack }; }`;

const startHost = (options: ScriptsEventModuleOptions = {}, logger = new RecordedLog()) =>
  TestHost.start({ options, logger, providers: [CrmBindings] });

async function start(options?: ScriptsEventModuleOptions) {
  const logger = new RecordedLog();
  return { logger, ...inHost(await startHost(options, logger)) };
}

/** Functions to use a host in a test. They count calls from now on. */
function inHost(host: TestHost) {
  const run = async (source: string, bindings: string[] | null = ALL, tenantId = 'acme') => {
    const id = await host.script(source, { bindings, tenantId });
    return host.get(ExecutionService).execute(id, ADA, { tenantId });
  };
  const crm = host.get(CrmBindings);
  crm.contexts.length = 0;
  crm.waiting.length = 0;
  const before = callsIn(host);
  const calls = (): Record<string, number> =>
    Object.fromEntries(
      Object.entries(callsIn(host))
        .map(([how, count]) => [how, count - (before[how] ?? 0)] as const)
        .filter(([, count]) => count > 0),
    );
  return { host, run, crm, calls };
}

/** How many calls of each binding ended in each way, under keys such as `crm.findClient ok`. */
function callsIn(host: TestHost): Record<string, number> {
  const metrics = Object.entries(host.get(InMemoryMetricsRecorder).bindingMetrics());
  return Object.fromEntries(
    metrics.flatMap(([name, ends]) => Object.entries(ends).map(([end, count]) => [`${name} ${end}`, count])),
  );
}

describe('a binding of the host', () => {
  const SHARED = new SandboxOptions().isolation;
  const logger = new RecordedLog();
  const shared = sharedHost(() => startHost({}, logger));
  const strict = sharedHost(() =>
    // Nest has one logger for all applications: the logger of the last one.
    startHost({ sandbox: { bindingTimeout: '1s', maxBindingCalls: 2, maxBindingBytes: 1_000 } }, logger),
  );

  it('returns a value to the script, and is told for which tenant and script it is called', async () => {
    const { host, run, crm, calls } = inHost(shared());
    const result = await run(`return crm.findClient({ email: ctx.input.email });`, ALL, 'globex');
    expect(result).toMatchObject({
      status: 'completed',
      result: { email: ADA.email, tenant: 'globex', since: '1970-01-01T00:00:00.000Z' },
    });
    const [row] = await host.executions(result.scriptId);
    expect(crm.contexts[0]).toMatchObject({
      tenantId: 'globex',
      scriptId: result.scriptId,
      scriptVersion: 1,
      executionId: result.executionId,
      attempt: 1,
      idempotencyKey: expect.stringContaining(result.scriptId),
      event: { id: row?.eventId, type: row?.eventType },
      actorId: null,
      fencingToken: null,
    });
    expect(Object.isFrozen(crm.contexts[0])).toBe(true);
    expect(calls()).toEqual({ 'crm.findClient ok': 1 });
  });

  it('is called again by a retry, with the same key and the next attempt', async () => {
    const { host, crm } = inHost(shared());
    const script = await host.script(
      `await crm.findClient({ email: 'a@b.io' }); if (ctx.execution.attempt === 1) throw new Error('again');`,
      { bindings: ['crm.findClient'] },
    );
    host.emit('user.created', { ...ADA, tenantId: 'acme', actorId: 'clerk' });
    await host.executed(2, script);
    expect(crm.contexts.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(new Set(crm.contexts.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    expect(crm.contexts[1]).toMatchObject({ event: { type: 'user.created' }, actorId: 'clerk' });
  });

  it('refuses an invalid input with an error that a script can catch', async () => {
    const { run, crm, calls } = inHost(shared());
    expect(await run(told(`crm.findClient({ mail: 'ada' })`))).toMatchObject({
      result: {
        name: 'BindingError',
        code: 'invalid-input',
        message: 'crm.findClient: unknown field mail; remove it; email must be an email',
        stack: expect.not.stringMatching(/node_modules|\/lib\/|\/dist\//),
      },
    });
    expect(crm.contexts).toEqual([]);
    expect(calls()).toEqual({ 'crm.findClient invalid': 1 });
  });

  it.each([[null], [[]], [['crm.misses']]])(
    'cannot be called by a script whose list of bindings is %p; the error says what to add',
    async (bindings) => {
      const { run, crm } = inHost(shared());
      expect(await run(told(`crm.findClient({ email: 'a@b.io' })`), bindings)).toMatchObject({
        result: {
          name: 'BindingError',
          code: 'not-allowed',
          message: 'This script isn\'t allowed to call crm.findClient: add "crm.findClient" to its bindings',
        },
      });
      expect(crm.contexts).toEqual([]);
    },
  );

  it('shows scripts the messages of a BindingError and of an HTTP error, and no other error’s text', async () => {
    const { host, run } = inHost(shared());
    const now = jest.spyOn(host.get(Clock), 'now').mockReturnValue(Date.now());
    expect(await run(told('crm.refuses()'))).toMatchObject({
      result: { code: 'over-quota', message: 'Come back tomorrow' },
    });
    expect(await run(told('crm.misses()'))).toMatchObject({
      result: { code: 'http-404', message: 'There is no client 7' },
    });
    expect(await run(told('crm.breaks()'))).toMatchObject({
      result: { code: 'failed', message: 'crm.breaks failed' },
    });
    const failed = await run(`sdk.log.info('before'); await crm.breaks();`);
    expect(failed).toMatchObject({
      status: 'failed',
      error: { kind: 'runtime', message: 'crm.breaks failed', line: 1 },
    });
    expect(await host.executions()).toHaveLength(4);
    const rows = await host.database.dataSource.query('SELECT * FROM script_executions');
    expect(rows).toHaveLength(4);
    expect(JSON.stringify(rows)).not.toContain('s3cret');
    expect(logger.of('warn').join('\n')).toMatch(
      /Binding crm\.breaks \(CrmBindings\.breaks\), called by script "[^"]+" \([0-9a-f-]{36}\) of tenant acme: /,
    );
    // The clock of the test doesn't advance, so the second failure isn't logged: its count would follow a minute later.
    const lines = logger.of('warn').filter((line) => line.includes('ECONNREFUSED'));
    expect(lines.filter((line) => !line.endsWith('since the previous line)'))).toHaveLength(1);
    now.mockRestore();
  });

  it('times out after its own timeoutMs, and its signal aborts', async () => {
    const { run, crm, calls } = inHost(shared());
    expect(await run(told('crm.late()'))).toMatchObject({
      result: { code: 'timeout', message: 'crm.late took longer than its timeoutMs = 30' },
    });
    expect(crm.waiting[0]?.context.signal.aborted).toBe(true);
    expect(calls()).toEqual({ 'crm.late timeout': 1 });
  });

  it('times out after sandbox.bindingTimeout at the latest', async () => {
    const { run, host } = inHost(strict());
    expect(await run(told('crm.wait()'))).toMatchObject({ result: { code: 'timeout' } });
    expect(host.get(BindingRegistry).list().at(-1)).toMatchObject({ name: 'crm.wait', timeoutMs: 1_000 });
  });

  it('is aborted when the script ends without waiting for it', async () => {
    const { run, crm, calls } = inHost(shared());
    expect(await run(`crm.wait(); await crm.findClient({ email: 'a@b.io' }); return 'done';`)).toMatchObject({
      result: 'done',
    });
    await waitFor('the call is aborted', () => crm.waiting[0]?.context.signal.aborted);
    await waitFor('it is counted', () => calls()['crm.wait cancelled'] === 1);
  });

  it('is called at most sandbox.maxBindingCalls times in a run', async () => {
    const { run, crm } = inHost(strict());
    const source = `
      const calls = [1, 2, 3].map(() => crm.findClient({ email: 'a@b.io' }));
      return (await Promise.allSettled(calls)).map(({ status, reason }) => reason?.name ?? status);`;
    expect(await run(source)).toMatchObject({ result: ['fulfilled', 'fulfilled', 'LimitError'] });
    expect(crm.contexts).toHaveLength(2);
  });

  it('fails when its result is larger than sandbox.maxBindingBytes', async () => {
    const { run, calls } = inHost(strict());
    expect(await run(told('crm.huge()'))).toMatchObject({
      result: { name: 'LimitError', message: 'The result of crm.huge: over bindingBytes = 1000' },
    });
    expect(calls()).toEqual({ 'crm.huge limit': 1 });
  });

  it('is refused in the list of a script that is saved when the application does not declare it', async () => {
    const { host } = inHost(shared());
    const saved = host.script('return 1;', { bindings: ['crm.findClient', 'crm.findclients', 'mail.send'] });
    await expect(saved).rejects.toMatchObject({
      code: 'invalid-script',
      issues: [
        {
          path: 'bindings[1]',
          code: 'unknown',
          message: 'Unknown binding "crm.findclients". Did you mean "crm.findClient"?',
        },
        { path: 'bindings[2]', code: 'unknown', message: expect.stringContaining('Available: crm.breaks, ') },
      ],
    });
  });

  it('named http.fetch does not exist unless the options allow a host', async () => {
    const { run, host } = inHost(shared());
    expect(await run(`return typeof http;`)).toMatchObject({ result: 'undefined' });
    await expect(host.script('return 1;', { bindings: ['http.fetch'] })).rejects.toThrow(
      /Unknown binding "http\.fetch"/,
    );
  });

  it('gives way to a variable or function of the same name in a script, and cannot be overwritten, in each isolation', async () => {
    for (const isolation of ['compartment', 'context', 'isolate'] as const) {
      const { run } = isolation === SHARED ? inHost(shared()) : await start({ sandbox: { isolation } });
      expect(await run(`const crm = 7; return crm;`)).toMatchObject({ result: 7 });
      expect(await run(`function crm() { return 8; } return crm();`)).toMatchObject({ result: 8 });
      expect(await run(`crm.findClient = 9; return typeof crm.findClient;`)).toMatchObject({
        result: 'function',
      });
    }
  });

  it('does not hold up other scripts while more scripts wait for its answer than there are cores', async () => {
    const waiters = availableParallelism() + 2;
    const { run, crm } = await start({
      buffer: { workerCount: waiters + 1 },
      sandbox: { maxProcesses: waiters + 1 },
    });
    const waiting = Array.from({ length: waiters }, () => run('return crm.wait();'));
    await waitFor('every script waits', () => crm.waiting.length === waiters);
    expect(await run(`return 'not held up';`, null, 'globex')).toMatchObject({ result: 'not held up' });
    for (const { answer } of crm.waiting) answer('there');
    for (const result of await Promise.all(waiting)) expect(result).toMatchObject({ result: 'there' });
  });
});

describe('the start of an application', () => {
  it('fails when two bindings have the same name', async () => {
    @Injectable()
    class Again {
      @ScriptBinding('crm.findClient')
      other() {
        return null;
      }
    }
    const app = await buildApp({ database: await createTestSchema(), providers: [CrmBindings, Again] });
    await expect(app.init()).rejects.toThrow(BindingDeclarationError);
    await closeAfterStart(app);
  });
});

describe('http.fetch', () => {
  let server: Server;
  let port: number;
  beforeAll(async () => {
    server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ agent: request.headers['user-agent'], url: request.url }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

  const http = (): ScriptsEventModuleOptions['http'] => ({
    allowedHosts: [`127.0.0.1:${port}`],
    allowPrivateAddresses: ['127.0.0.1'],
    allowPlainHttp: true,
    userAgent: 'crm ({tenantId}; {executionId})',
  });

  it('calls an allowed host for a script that has it in its list', async () => {
    const { run } = await start({ http: http() });
    const source = `const { status, json } = await http.fetch({ url: 'http://127.0.0.1:${port}/a' }); return { status, ...json };`;
    const result = await run(source, ['http.fetch']);
    expect(result).toMatchObject({
      result: { status: 200, url: '/a', agent: `crm (acme; ${result.executionId})` },
    });
    expect(await run(told(`http.fetch({ url: 'http://127.0.0.1:${port}/' })`), [])).toMatchObject({
      result: { code: 'not-allowed' },
    });
  });

  it('refuses a private address, which it names in the log and not to the script', async () => {
    const { run, logger } = await start({ http: { ...http(), allowPrivateAddresses: [] } });
    expect(await run(told(`http.fetch({ url: 'http://0x7f.1:${port}/' })`), ['http.fetch'])).toMatchObject({
      result: {
        name: 'BindingError',
        code: 'address-not-allowed',
        message: expect.stringMatching(/not on the public/),
      },
    });
    expect(logger.of('warn').join('\n')).toMatch(
      /Binding http\.fetch .* resolves to the private address 127\.0\.0\.1/,
    );
  });

  it('refuses a certificate of an unknown authority, with an error that the script can catch', async () => {
    const secure = createSecureServer(certificateAuthority().issue('localhost'), (_, response) =>
      response.end(),
    );
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    try {
      const host = `localhost:${(secure.address() as AddressInfo).port}`;
      const { run } = await start({ http: { allowedHosts: [host], allowPrivateAddresses: ['localhost'] } });
      expect(await run(told(`http.fetch({ url: 'https://${host}/' })`), ['http.fetch'])).toMatchObject({
        result: {
          name: 'BindingError',
          code: 'network',
          message: expect.stringContaining('(UNABLE_TO_VERIFY_LEAF_SIGNATURE)'),
        },
      });
    } finally {
      await new Promise<void>((resolve) => secure.close(() => resolve()));
    }
  });
});

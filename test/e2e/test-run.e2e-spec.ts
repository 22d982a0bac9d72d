import { Allow, IsInt } from 'class-validator';
import {
  DeadLetterNotFoundError,
  DeadLetterService,
  ExecutionInputNotKeptError,
  ExecutionNotFoundError,
  ExecutionService,
  InMemoryMetricsRecorder,
  ScriptNotFoundError,
  ScriptBinding,
  ScriptService,
  TestRunService,
  ScriptSourceError,
  ScriptValidationError,
  type BindingContext,
  type JsonValue,
  type ScriptDraft,
  type TestBindings,
  type TestEvent,
  type TestRunOptions,
} from '../../lib/index.js';
import { ADA, sharedHost, TestHost } from './support/test-host.js';
import { limitTests } from '../support/time-limits.js';

limitTests('long');

const CREATED: TestEvent = { type: 'user.created', input: ADA };

const testRun = (
  host: TestHost,
  script: string | ScriptDraft,
  event: TestEvent = CREATED,
  options?: TestRunOptions,
) => host.get(TestRunService).run('acme', script, event, options);

/** The rows and counts that a real run would have changed. */
async function traces(host: TestHost) {
  const { eventsReceived, eventsProcessed, eventsFailed } = host.get(InMemoryMetricsRecorder).eventMetrics();
  return {
    executions: await host.executions(),
    deadLetters: await host.deadLetters(),
    eventsReceived,
    eventsProcessed,
    eventsFailed,
  };
}

describe('a test run', () => {
  const shared = sharedHost();

  it('shows logs, result and the events that would have been published, and publishes none', async () => {
    const host = shared();
    const heard = host.heard('script.event');
    const completed = host.heard('script.execution.completed');
    const listener = await host.script('return 1;', { eventTypes: ['welcome.requested'] });
    const script = await host.script(
      `sdk.log.info('User', { id: ctx.input.userId });
       events.publish('welcome.requested', { to: ctx.input.email });
       return ctx.input.firstName;`,
    );
    const result = await testRun(host, script);
    expect(result).toMatchObject({
      status: 'completed',
      result: 'Ada',
      version: 1,
      logs: [{ level: 'info', message: 'User', data: { id: 7 } }],
      published: [{ type: 'welcome.requested', payload: { to: ADA.email } }],
      routing: { wouldRun: true, reasons: [], filter: { matched: true } },
      metrics: { bindingCalls: 0, logsDropped: 0 },
    });
    expect(result.metrics.durationMs).toBeGreaterThan(0);
    await host.idle();
    expect(await host.executions(listener)).toEqual([]);
    expect([heard, completed]).toEqual([[], []]);
  });

  it('leaves one record with trigger test, no count and no dead letter, also when the script fails', async () => {
    const host = shared();
    const failed = host.heard('script.execution.failed');
    const script = await host.script(`const a = 1;\nthrow new TypeError('never works');`);
    const result = await testRun(host, script);
    expect(result).toMatchObject({
      status: 'failed',
      published: [],
      error: { kind: 'runtime', name: 'TypeError', message: 'never works', line: 2 },
    });
    expect(await traces(host)).toEqual({
      executions: [expect.objectContaining({ id: result.executionId, trigger: 'test', errorLine: 2 })],
      deadLetters: [],
      eventsReceived: 0,
      eventsProcessed: 0,
      eventsFailed: 0,
    });
    expect(failed).toEqual([]);
  });

  it('runs the script even if its filter, status or event types would prevent that, and lists each of these reasons', async () => {
    const host = shared();
    const script = await host.script('return ctx.event.type;', {
      active: false,
      filters: { firstName: 'Grace' },
    });
    const { routing, ...run } = await testRun(host, script, { type: 'user.deleted', input: ADA });
    expect(run).toMatchObject({ status: 'completed', result: 'user.deleted' });
    expect(routing.wouldRun).toBe(false);
    expect(routing.reasons).toEqual([
      'The script is draft, and only active scripts run.',
      'The script does not listen to user.deleted: its event types are user.created.',
      routing.filter.summary,
    ]);
    expect(routing.filter.conditions).toMatchObject([{ path: 'firstName', actual: 'Ada', matched: false }]);
  });

  it('gives the script only the fields that a captured event of the type has, and lists the ignored ones', async () => {
    const host = shared();
    const { event, ...run } = await testRun(
      host,
      { source: 'return Object.keys(ctx.input);' },
      { type: 'user.created', input: { ...ADA, passwordHash: 'x' } },
    );
    expect(run).toMatchObject({ result: Object.keys(ADA) });
    expect(event).toMatchObject({ type: 'user.created', input: ADA, ignoredFields: ['passwordHash'] });
    const open = await testRun(
      host,
      { source: 'return ctx.input;' },
      { type: 'order.checked', input: { any: 1 } },
    );
    expect(open).toMatchObject({ result: { any: 1 }, event: { ignoredFields: [] } });
  });

  it('gives the script the same context as a real run, with an idempotency key that no real run has', async () => {
    const host = shared();
    const script = await host.script('return ctx;', { name: 'Welcome' });
    const { executionId, event, ...saved } = await testRun(host, script, CREATED, { by: 'ann' });
    expect(saved).toMatchObject({
      result: {
        tenant: { id: 'acme' },
        actor: { id: 'ann' },
        script: { id: script, name: 'Welcome', version: 1 },
        execution: { id: executionId, attempt: 1, idempotencyKey: `test:${executionId}` },
        event: { id: event.id, type: 'user.created', depth: 0 },
        input: ADA,
      },
    });
    expect(await testRun(host, { source: 'return ctx.script;' })).toMatchObject({
      result: { id: 'draft', name: 'draft', version: 0 },
    });
  });
});

describe('a test run of an unsaved source', () => {
  const shared = sharedHost();

  it('runs it in place of the saved source, with the script’s other fields, and leaves no record', async () => {
    const host = shared();
    const script = await host.script('return "saved";', { active: false });
    expect(await testRun(host, script)).toMatchObject({ result: 'saved' });
    const { executionId, ...edited } = await testRun(host, {
      scriptId: script,
      source: 'return "edited " + ctx.script.version;',
      filters: { userId: 8 },
    });
    expect(edited).toMatchObject({ result: 'edited 0', version: 0, routing: { filter: { matched: false } } });
    expect(executionId).toBeNull();
    expect(await testRun(host, { scriptId: script, source: 'return "again";' })).toMatchObject({
      result: 'again',
    });
    expect(await testRun(host, script)).toMatchObject({ result: 'saved' });
    expect((await host.executions()).map(({ result }) => result)).toEqual(['saved', 'saved']);
  });

  it('accepts TypeScript, which is the default if the saved script is in TypeScript', async () => {
    const host = shared();
    const source = 'const n: number = ctx.input.userId;\nthrow new Error(String(n));';
    expect(await testRun(host, { source, language: 'typescript' })).toMatchObject({
      error: { message: '7', line: 2 },
    });
    const script = await host.script(source, { language: 'typescript' });
    expect(await testRun(host, { scriptId: script, source: 'return 1 as number;' })).toMatchObject({
      result: 1,
    });
  });

  it('enforces the limits of the draft', async () => {
    const host = shared();
    const slow = testRun(host, { source: 'for (;;);', limits: { timeoutMs: 50 } });
    expect(await slow).toMatchObject({ status: 'failed', error: { kind: 'timeout' }, executionId: null });
  });

  it('is refused if the draft could not be saved', async () => {
    const host = shared();
    await expect(testRun(host, { source: 'return 1;\nreturn +;' })).rejects.toMatchObject({ line: 2 });
    await expect(testRun(host, { source: 'return +;' })).rejects.toBeInstanceOf(ScriptSourceError);
    const wrong: [unknown, unknown, unknown, string][] = [
      [{}, CREATED, {}, 'source required'],
      [7, CREATED, {}, 'script type'],
      [{ scriptId: 7 }, CREATED, {}, 'scriptId type'],
      [{ source: 'return 1;', name: 'x' }, CREATED, {}, 'name unknown'],
      [{ source: 'return 1;', filters: { a: { gtt: 1 } } }, CREATED, {}, 'filters.a.gtt operator'],
      [{ source: 'return 1;', limits: { timeoutMs: 60_001 } }, CREATED, {}, 'limits.timeoutMs range'],
      [{ source: 'return 1;', limits: { memoryMb: 257 } }, CREATED, {}, 'limits.memoryMb range'],
      [{ source: 'return 1;' }, {}, {}, 'event type'],
      [{ source: 'return 1;' }, { ...CREATED, deadLetterId: 'x' }, {}, 'event type'],
      [{ source: 'return 1;' }, { type: 'script.event' }, {}, 'event.type reserved'],
      [{ source: 'return 1;' }, { ...CREATED, imput: {} }, {}, 'event.imput unknown'],
      [{ source: 'return 1;' }, CREATED, { binding: 'call' }, 'binding unknown'],
      [{ source: 'return 1;' }, CREATED, 'call', 'options type'],
      [{ source: 'return 1;' }, CREATED, { signal: 'now' }, 'signal type'],
      [{ source: 'return 1;' }, { type: 'a b' }, {}, 'event.type format'],
      [{ source: 'return 1;' }, { type: 'a', input: [] }, {}, 'event.input type'],
      [{ source: 'return 1;' }, { executionId: 7 }, {}, 'event.executionId type'],
      [{ source: 'return 1;' }, CREATED, { bindings: 'maybe' }, 'bindings unknown'],
    ];
    for (const [script, event, options, problem] of wrong) {
      const error = await testRun(
        host,
        script as string,
        event as TestEvent,
        options as TestRunOptions,
      ).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ScriptValidationError);
      const { issues } = error as ScriptValidationError;
      expect(issues.map(({ path, code }) => `${path} ${code}`)).toEqual([problem]);
    }
  });
});

describe('a test run with a past event', () => {
  const shared = sharedHost(() =>
    TestHost.with({ storage: { keepInput: true }, retry: { initialDelay: '1h', maxDelay: '1h' } }),
  );

  it('uses the event of a dead letter, and does not change the dead letter', async () => {
    const host = shared();
    const script = await host.script(`throw new Error('broken');`);
    host.emit('user.created', { ...ADA, tenantId: 'acme', actorId: 'ann' });
    const letter = await host.deadLetter('pending', script);
    const fixed = { scriptId: script, source: 'return [ctx.event.id, ctx.actor.id, ctx.input.email];' };
    const event = { deadLetterId: letter.id };
    expect(await testRun(host, fixed, event)).toMatchObject({ result: [letter.eventId, 'ann', ADA.email] });
    await testRun(host, script, event);
    expect(await host.deadLetters()).toEqual([letter]);
  });

  it('does not prevent a replay of the same event from completing', async () => {
    const host = shared();
    const script = await host.script(
      `if (ctx.execution.attempt === 1) throw new Error('once'); return 'real';`,
    );
    host.emit('user.created', { ...ADA, tenantId: 'acme' });
    const letter = await host.deadLetter('pending', script);
    await host.get(ScriptService).updateSource('acme', script, 'return ctx.execution.attempt;');
    const event = { deadLetterId: letter.id };
    for (const _ of [1, 2]) expect(await testRun(host, script, event)).toMatchObject({ status: 'completed' });
    await host.get(DeadLetterService).replay('acme', letter.id, { by: 'ann' });
    await host.deadLetter('resolved', script);
    const ends = (await host.executions(script)).map(({ trigger, status }) => `${trigger} ${status}`);
    expect(ends).toEqual(['event failed', 'test completed', 'test completed', 'replay completed']);
  });

  it('uses the event of an execution whose input was kept', async () => {
    const host = shared();
    const script = await host.script('return ctx.event.occurredAt;');
    host.emit('user.created', { ...ADA, tenantId: 'acme', actorId: 'ann' });
    const [real] = await host.executed(1, script);
    const { input, actorId, depth } = await host.get(ExecutionService).get('acme', real!.id);
    expect({ input, actorId, depth }).toEqual({ input: ADA, actorId: 'ann', depth: 0 });
    const source = 'return [ctx.event.id, ctx.event.occurredAt, ctx.actor.id, ctx.input];';
    expect(await testRun(host, { source }, { executionId: real!.id })).toMatchObject({
      result: [real!.eventId, real!.result, 'ann', ADA],
    });
  });

  it('is refused when the input of the execution was not kept, and says how to keep inputs', async () => {
    const host = await TestHost.start();
    const script = await host.script('return 1;');
    host.emit('user.created', { ...ADA, tenantId: 'acme' });
    const [real] = await host.executed(1, script);
    expect((await host.get(ExecutionService).get('acme', real!.id)).input).toBeNull();
    const refused = testRun(host, script, { executionId: real!.id });
    await expect(refused).rejects.toBeInstanceOf(ExecutionInputNotKeptError);
    await expect(refused).rejects.toThrow('EVENT_STORAGE_KEEP_INPUT');
  });

  it('finds no scripts, dead letters and executions of another tenant', async () => {
    const host = shared();
    const foreign = await host.script(`throw new Error('x');`, { tenantId: 'globex' });
    host.emit('user.created', { ...ADA, tenantId: 'globex' });
    const letter = await host.deadLetter('pending', foreign);
    const [execution] = await host.executions(foreign);
    const draft = { source: 'return 1;' };
    await expect(testRun(host, foreign)).rejects.toBeInstanceOf(ScriptNotFoundError);
    await expect(testRun(host, draft, { deadLetterId: letter.id })).rejects.toBeInstanceOf(
      DeadLetterNotFoundError,
    );
    await expect(testRun(host, draft, { executionId: execution!.id })).rejects.toBeInstanceOf(
      ExecutionNotFoundError,
    );
    await expect(testRun(host, draft, { executionId: 'none' })).rejects.toBeInstanceOf(
      ExecutionNotFoundError,
    );
  });
});

class FindById {
  @IsInt()
  id!: number;

  @Allow()
  more?: boolean;
}

describe('bindings in a test run', () => {
  class Crm {
    readonly calls: unknown[] = [];

    @ScriptBinding('crm.note')
    note(input: JsonValue, { signal: _signal, ...context }: BindingContext) {
      this.calls.push({ input, ...context });
      return { noted: true };
    }

    @ScriptBinding('crm.find', { input: FindById })
    find(input: FindById) {
      return input;
    }

    @ScriptBinding('crm.other')
    other(_input: JsonValue) {
      return null;
    }
  }
  const shared = sharedHost(() => TestHost.start({ providers: [Crm] }));
  afterEach(() => shared().get(Crm).calls.splice(0));
  const source = `try { return await crm.note({ n: 1 }); } catch (error) { return [error.name, error.code, error.message]; }`;

  it('are not called unless the options say so; the script gets an error that says why', async () => {
    const host = shared();
    const draft = { source, bindings: ['crm.note'] };
    expect(await testRun(host, draft)).toMatchObject({
      result: ['BindingError', 'test-run', expect.stringContaining('crm.note is not called in a test run')],
    });
    expect(await testRun(host, { source })).toMatchObject({
      result: ['BindingError', 'not-allowed', expect.any(String)],
    });
    expect(host.get(Crm).calls).toEqual([]);
  });

  it('are answered by stand-ins with answers or errors by input, and check their input as in a real call', async () => {
    const host = shared();
    const tried = `const tried = async (call) => { try { return await call; } catch ({ code, message }) { return [code, message]; } };
      return [await tried(crm.find({ id: 1, more: true })), await tried(crm.find({ id: 2 })), await tried(crm.find({ id: 3 })),
        await tried(crm.find({ id: 'x' })), await tried(crm.note({})), await tried(crm.other())];`;
    const draft = { source: tried, bindings: ['crm.find', 'crm.note', 'crm.other'] };
    const bindings: TestBindings = {
      standIns: {
        'crm.find': [
          { input: { id: 1 }, answer: { name: 'Ada' } },
          { input: { id: 2 }, error: { code: 'http-404', message: 'No such client' } },
        ],
      },
      call: ['crm.note'],
    };
    expect(await testRun(host, draft, CREATED, { bindings })).toMatchObject({
      result: [
        { name: 'Ada' },
        ['http-404', 'No such client'],
        ['test-run', 'crm.find has no stand-in for this input'],
        ['invalid-input', expect.any(String)],
        { noted: true },
        ['test-run', expect.stringContaining('crm.other is not called')],
      ],
    });
    expect(host.get(Crm).calls).toHaveLength(1);
  });

  it.each([
    [{ standIns: { 'crm.fnd': {} } }, 'bindings.standIns.crm.fnd', /Did you mean "crm.find"/],
    [{ standIns: { 'crm.find': { anser: 1 } } }, 'bindings.standIns.crm.find', /did you mean "answer"/],
    [
      { standIns: { 'crm.find': [{ answer: 1, error: { code: 'a' } }] } },
      'bindings.standIns.crm.find.0',
      /got both/,
    ],
    [{ standIns: { 'crm.find': { error: {} } } }, 'bindings.standIns.crm.find', /error.code/],
    [{ standIns: [] }, 'bindings.standIns', /Expected an object/],
    [{ call: ['crm.nte'] }, 'bindings.call', /Did you mean "crm.note"/],
    [{ cal: [] }, 'bindings.cal', /did you mean "call"/],
    ['some', 'bindings', /Expected "refuse", "call" or/],
  ])('are refused with the options %j', async (bindings, path, message) => {
    const options = { bindings } as never;
    await expect(testRun(shared(), { source }, CREATED, options)).rejects.toMatchObject({
      issues: [{ path, message: expect.stringMatching(message) }],
    });
  });

  it('are called if the options say so, with the idempotency key of the test', async () => {
    const host = shared();
    const script = await host.script(source, { bindings: ['crm.note'] });
    const { executionId, ...run } = await testRun(host, script, CREATED, { bindings: 'call', by: 'ann' });
    expect(run).toMatchObject({ result: { noted: true }, metrics: { bindingCalls: 1 } });
    expect(host.get(Crm).calls).toEqual([
      expect.objectContaining({
        input: { n: 1 },
        tenantId: 'acme',
        scriptId: script,
        executionId,
        idempotencyKey: `test:${executionId}`,
        actorId: 'ann',
        fencingToken: null,
      }),
    ]);
    expect(await testRun(host, { source }, CREATED, { bindings: 'call' })).toMatchObject({
      result: ['BindingError', 'not-allowed', expect.any(String)],
    });
  });
});

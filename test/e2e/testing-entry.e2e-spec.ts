import { EventEmitter2, EventEmitterModule } from '@nestjs/event-emitter';
import { ModuleRef } from '@nestjs/core';
import { ScheduleModule } from '@nestjs/schedule';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  DeadLetterService,
  ExecutionService,
  ScriptsEventModule,
  type ScriptsEventModuleOptions,
  ScriptService,
} from 'nestjs-scripts-event';
import { Clock, ExecutionSpy, FakeClock, retryNow, waitUntilIdle } from 'nestjs-scripts-event/testing';
import { databaseModule, testOptions } from '../support/app.builder.js';
import { createTestSchema } from '../support/postgres.js';
import { HeldScripts, HOLD, HOLDING } from './support/held-scripts.js';
import { sharedHost, TestHost } from './support/test-host.js';

const ADA = { tenantId: 'acme', userId: 7, email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' };

/** No retry during a test: the worker looks for due dead letters only once an hour. */
const BY_HAND: ScriptsEventModuleOptions = {
  retry: { interval: '1h', initialDelay: '1ms', maxDelay: '1ms' },
};

describe('the testing entry point', () => {
  const usual = sharedHost(() => TestHost.start({ providers: [HeldScripts] }));
  const byHand = sharedHost(() => TestHost.start({ options: BY_HAND }));

  let app: TestingModule;
  const spies: ExecutionSpy[] = [];
  const on = (host: TestHost): ExecutionSpy => {
    app = host.app;
    const spy = ExecutionSpy.attach(app);
    spies.push(spy);
    return spy;
  };
  afterEach(() => spies.splice(0).forEach((spy) => spy.detach()));
  const emit = (event: object = ADA) => app.get(EventEmitter2).emit('user.created', event);
  let made = 0;
  const script = (source: string, fields: object = {}) =>
    app.get(ScriptService).create('acme', {
      name: `script ${(made += 1)}`,
      eventTypes: ['user.created'],
      source,
      active: true,
      ...fields,
    });

  describe('ExecutionSpy', () => {
    it('waitFor() resolves when the execution has ended and its record can be read', async () => {
      const spy = on(usual());
      const { id } = await script('return ctx.input.email;');
      emit();
      const [execution] = await spy.waitFor({ scriptId: id, status: 'completed' });
      expect(execution).toMatchObject({ tenantId: 'acme', attempt: 1, trigger: 'event', result: ADA.email });
      const record = await app.get(ExecutionService).get('acme', execution!.executionId);
      expect(record.result).toBe(ADA.email);
      expect(spy.executions).toEqual([execution]);
    });

    it('waits for a number of executions, by script, type, tenant, status and attempt', async () => {
      const spy = on(usual());
      const good = await script('return 1;');
      const bad = await script(`throw new NonRetryableError('no');`);
      emit();
      emit();
      expect(await spy.waitFor({ count: 4 })).toHaveLength(4);
      expect(await spy.waitFor({ scriptId: good.id, eventType: 'user.created', count: 2 })).toHaveLength(2);
      const failed = await spy.waitFor({ status: 'failed', tenantId: 'acme', attempt: 1, count: 2 });
      // The status in the condition gives these executions a type with an error.
      expect(failed.map(({ error }) => error.kind)).toEqual(['runtime', 'runtime']);
      expect(failed.map(({ scriptId }) => scriptId)).toEqual([bad.id, bad.id]);
      await expect(spy.waitFor({ attempt: 2 }, 20)).rejects.toMatchObject({ code: 'wait-timeout' });
    });

    it('refuses an invalid condition, with a hint for a misspelt field, and an invalid timeout', async () => {
      const spy = on(usual());
      await script('return 1;');
      emit();
      await spy.waitFor();
      const odd: unknown[] = [
        { scirptId: 'x' },
        new Map(),
        [],
        { status: 'done' },
        { count: 0 },
        { attempt: 1.5 },
      ];
      for (const condition of odd)
        await expect(spy.waitFor(condition as never)).rejects.toMatchObject({ code: 'wait-condition' });
      await expect(spy.waitForExhausted({ scirptId: 'x' } as never)).rejects.toThrow(
        'did you mean "scriptId"?',
      );
      for (const timeoutMs of [Number.NaN, -1, '5s', 3_000_000_000] as number[]) {
        for (const wait of [
          () => spy.waitFor({}, timeoutMs),
          () => spy.waitForScriptEvent('a.b', timeoutMs),
          () => spy.waitForExhausted({}, timeoutMs),
          () => waitUntilIdle(app, timeoutMs),
          () => retryNow(app, timeoutMs),
        ])
          await expect(wait()).rejects.toMatchObject({ code: 'wait-condition' });
      }
    });

    it('records events of scripts and exhausted dead letters', async () => {
      const spy = on(usual());
      await script(`events.publish('welcome.sent', { to: ctx.input.email });`);
      const bad = await script(`throw new NonRetryableError('never again');`);
      emit();
      expect(await spy.waitForScriptEvent('welcome.sent')).toMatchObject({ payload: { to: ADA.email } });
      expect(await spy.waitForExhausted({ scriptId: bad.id })).toMatchObject({ error: 'never again' });
      expect(spy.scriptEvents).toHaveLength(1);
      expect(spy.exhausted.filter(({ scriptId }) => scriptId === bad.id)).toHaveLength(1);
      spy.clear();
      expect([...spy.executions, ...spy.scriptEvents, ...spy.exhausted]).toEqual([]);
    });

    it('lists the executions that ended instead when a wait times out', async () => {
      const spy = on(usual());
      await expect(spy.waitFor({ eventType: 'user.created' }, 20)).rejects.toThrow(
        'Timed out after 20\u00a0ms waiting for 1 execution with eventType=user.created. No execution ended.',
      );
      await script(`throw new NonRetryableError('no luck');`);
      emit();
      await spy.waitFor();
      await expect(spy.waitFor({ status: 'completed' }, 20)).rejects.toThrow(
        /Executions that ended:\n {2}user\.created by script .*, attempt 1: failed \(runtime: no luck\)/,
      );
    });

    it('records nothing after it is detached, and rejects pending waits', async () => {
      const spy = on(usual());
      const waiting = spy.waitFor();
      spy.detach();
      await expect(waiting).rejects.toMatchObject({ code: 'wait-timeout' });
      await script('return 1;');
      emit();
      await waitUntilIdle(app);
      expect(spy.executions).toEqual([]);
      spy.detach();
    });

    it('may be attached by a ModuleRef, and several times to one application', async () => {
      on(usual());
      const spy = ExecutionSpy.attach(app.get(ModuleRef));
      const second = ExecutionSpy.attach(app);
      spies.push(spy, second);
      await script('return 1;');
      emit();
      expect(await spy.waitFor()).toEqual(await second.waitFor());
    });
  });

  describe('waitUntilIdle', () => {
    it('resolves when all queued events have run and all records are stored', async () => {
      const spy = on(byHand());
      const good = await script('return 1;');
      const bad = await script(`throw new Error('later');`);
      for (let i = 0; i < 20; i++) emit();
      await waitUntilIdle(app);
      expect(spy.executions).toHaveLength(40);
      const { items } = await app.get(ExecutionService).list('acme', { scriptId: good.id });
      expect(items).toHaveLength(20);
      expect(await app.get(DeadLetterService).count('acme', { scriptId: bad.id })).toBe(20);
    });

    it('lets a test prove that an event runs no script', async () => {
      const spy = on(usual());
      await script('return 1;', { filters: { email: 'somebody@else.com' } });
      emit();
      await waitUntilIdle(app);
      expect(spy.executions).toEqual([]);
    });

    it('times out with an error that says what is still under way', async () => {
      on(usual());
      await script(HOLD, HOLDING);
      emit();
      await expect(waitUntilIdle(app, 50)).rejects.toThrow(
        /Not idle after 50\u00a0ms: (queued events|events being processed): 1/,
      );
      app.get(HeldScripts).release();
      await waitUntilIdle(app);
    });
  });

  describe('retryNow', () => {
    it('runs the dead letters that are due, without waiting for the interval', async () => {
      const spy = on(byHand());
      const { id } = await script(`if (ctx.execution.attempt === 1) throw new Error('not yet');`);
      emit();
      await spy.waitFor({ scriptId: id, status: 'failed' });
      await waitUntilIdle(app);
      await retryNow(app);
      expect(spy.executions).toEqual([
        expect.objectContaining({ status: 'failed', attempt: 1 }),
        expect.objectContaining({ status: 'completed', attempt: 2, trigger: 'retry' }),
      ]);
      expect(await app.get(DeadLetterService).count('acme', { scriptId: id, status: 'resolved' })).toBe(1);
    });

    it('ignores dead letters that are not due', async () => {
      const spy = on(await TestHost.with({ retry: { interval: '1h', initialDelay: '1h', maxDelay: '1h' } }));
      const { id } = await script(`throw new Error('not yet');`);
      emit();
      await waitUntilIdle(app);
      await retryNow(app);
      expect(spy.executions).toHaveLength(1);
      expect(await app.get(DeadLetterService).count('acme', { scriptId: id, status: 'pending' })).toBe(1);
    });
  });

  it('a FakeClock in place of the Clock sets the times of events and executions', async () => {
    const clock = new FakeClock('2026-01-31T09:00:00Z');
    const database = await createTestSchema();
    app = await Test.createTestingModule({
      imports: [
        databaseModule(database),
        EventEmitterModule.forRoot(),
        ScheduleModule.forRoot(),
        ScriptsEventModule.forRoot(testOptions()),
      ],
    })
      .overrideProvider(Clock)
      .useValue(clock)
      .compile();
    await app.init();
    const spy = ExecutionSpy.attach(app);
    await script('return ctx.event.occurredAt;');
    emit();
    const [first] = await spy.waitFor();
    expect(first).toMatchObject({
      finishedAt: '2026-01-31T09:00:00.000Z',
      result: '2026-01-31T09:00:00.000Z',
    });
    clock.advance('1d');
    emit();
    const [, second] = await spy.waitFor({ count: 2 });
    expect(second).toMatchObject({ result: '2026-02-01T09:00:00.000Z', queueMs: 0 });
    await app.close();
  });
});

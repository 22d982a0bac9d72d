import { Injectable } from '@nestjs/common';
import {
  type BindingContext,
  DeadLetterService,
  ExecutionInputNotKeptError,
  ExecutionNotFoundError,
  ExecutionNotReplayableError,
  type ExecutionRecord,
  ExecutionService,
  InvalidQueryError,
  ScriptBinding,
  ScriptNotFoundError,
  ScriptNotRunnableError,
  ScriptService,
  TestRunService,
  type ScriptsEventModuleOptions,
} from '../../lib/index.js';
import { onBothBuffers } from '../support/test-form.js';
import { durableHost } from './support/durable-host.js';
import { ADA, sharedHost, TestHost } from './support/test-host.js';

@Injectable()
class Crm {
  readonly keys: string[] = [];

  @ScriptBinding('crm.note')
  note(_input: unknown, { idempotencyKey }: BindingContext): void {
    this.keys.push(idempotencyKey);
  }
}

type Host = [string, (options?: ScriptsEventModuleOptions) => Promise<TestHost>];
const HOSTS: [Host, Host] = [
  ['the memory buffer', (options = {}) => TestHost.start({ providers: [Crm], options })],
  ['the durable buffer', (options) => durableHost(options, undefined, [Crm])],
];
/** Keeps inputs, and makes no retries. */
const KEEP: ScriptsEventModuleOptions = { storage: { keepInput: true }, retry: { maxRetries: 0 } };
const BY = { by: 'ben' };

/** Runs a script for an event that Ann has caused. Returns the record. */
async function ran(host: TestHost, script: string, tenantId = 'acme'): Promise<ExecutionRecord> {
  host.emit('user.created', { ...ADA, tenantId, actorId: 'ann' });
  const [row] = await host.executed(1, script);
  return host.get(ExecutionService).get(tenantId, row!.id);
}

describe.each(onBothBuffers(HOSTS))('with %s,', (_what, start) => {
  const keeping = sharedHost(() => start(KEEP));

  it('a record names the execution that published its event, or none if no script did', async () => {
    const host = keeping();
    const executions = host.get(ExecutionService);
    const publisher = await host.script(`events.publish('step.done', {});`);
    const follower = await host.script('return 1;', { eventTypes: ['step.done'] });
    const failing = await host.script(`throw new Error('no');`, { eventTypes: ['step.done'] });
    const none = { causeEventId: null, causeExecutionId: null };
    const first = await ran(host, publisher);
    expect(first).toMatchObject({ depth: 0, ...none });
    const cause = { causeEventId: first.eventId, causeExecutionId: first.id };

    const followed = async (script: string, count: number) => {
      await host.executed(count, script);
      return (await executions.list('acme', { scriptId: script })).items;
    };
    expect(await followed(follower, 1)).toMatchObject([{ trigger: 'event', depth: 1, ...cause }]);
    const letter = await host.deadLetter('exhausted', failing);
    await host.get(DeadLetterService).replay('acme', letter.id, BY);
    expect(await followed(failing, 2)).toMatchObject([
      { trigger: 'replay', ...cause },
      { trigger: 'event', ...cause },
    ]);
    await host.deadLetter('exhausted', failing);

    // The replay is a new event. Events that it publishes name the replay as their cause.
    const { executionId } = await executions.replay('acme', first.id, BY);
    const replayed = await executions.get('acme', executionId);
    expect(replayed).toMatchObject({ replayOf: first.id, ...none });
    expect((await followed(follower, 2))[0]).toMatchObject({
      causeEventId: replayed.eventId,
      causeExecutionId: replayed.id,
    });
    const manual = await executions.execute(follower, {}, { tenantId: 'acme' });
    expect(await executions.get('acme', manual.executionId)).toMatchObject({ trigger: 'manual', ...none });
  });

  describe('a completed execution', () => {
    it('is replayed with its recorded input and a new idempotency key, and both executions are recorded', async () => {
      const host = keeping();
      const executions = host.get(ExecutionService);
      const source = `await crm.note(); events.publish('user.welcomed', { userId: ctx.input.userId });
      return [ctx.input, ctx.event.type, ctx.event.occurredAt, ctx.actor.id, ctx.script.version];`;
      const script = await host.script(source, { bindings: ['crm.note'] });
      const welcomed = await host.script('return ctx.event.depth;', { eventTypes: ['user.welcomed'] });
      const first = await ran(host, script);
      await host.executed(1, welcomed);

      await host.get(ScriptService).updateSource('acme', script, `${source}\n// corrected`, { by: 'ann' });
      const again = await executions.replay('acme', first.id, BY);
      expect(again).toMatchObject({ status: 'completed', scriptVersion: 2 });
      const replayed = await executions.get('acme', again.executionId);
      expect(replayed).toMatchObject({
        trigger: 'replay',
        requestedBy: 'ben',
        replayOf: first.id,
        status: 'completed',
        attempt: 1,
        deadLetterId: null,
        eventType: 'user.created',
        occurredAt: first.occurredAt,
        actorId: 'ann',
        input: ADA,
        result: [ADA, 'user.created', first.occurredAt!.toISOString(), 'ann', 2],
      });
      expect(first).toMatchObject({ trigger: 'event', requestedBy: null, replayOf: null });
      expect(replayed.idempotencyKey).not.toBe(first.idempotencyKey);
      expect(host.get(Crm).keys).toEqual([first.idempotencyKey, replayed.idempotencyKey]);
      // An event that the replay publishes runs other scripts again.
      expect((await host.executed(2, welcomed)).map(({ result }) => result)).toEqual([1, 1]);

      // A replay is possible any number of times, and of a replay, too.
      const third = await executions.replay('acme', again.executionId, { by: 'cem' });
      await executions.replay('acme', first.id, BY);
      const { items } = await executions.list('acme', { replayOf: first.id });
      expect(items.map(({ requestedBy }) => requestedBy)).toEqual(['ben', 'ben']);
      expect(await executions.get('acme', third.executionId)).toMatchObject({ replayOf: again.executionId });
    });

    it('makes no dead letter when its replay fails, and the failed replay can be replayed', async () => {
      const host = keeping();
      const executions = host.get(ExecutionService);
      const script = await host.script('return 1;');
      const first = await ran(host, script);
      await host.get(ScriptService).updateSource('acme', script, `throw new Error('new');`, { by: 'ann' });
      const failed = await executions.replay('acme', first.id, BY);
      expect(failed).toMatchObject({ status: 'failed', error: { message: 'new' } });
      // The host is shared, so events of an earlier test's script may still become dead letters.
      const letters = await host.deadLetters();
      expect(letters.filter(({ scriptId }) => scriptId === script)).toEqual([]);
      expect(await executions.replay('acme', failed.executionId, BY)).toMatchObject({ status: 'failed' });
    });

    it('is not replayed for another tenant, by nobody, when it was a test run, or when its script is paused or deleted', async () => {
      const host = keeping();
      const executions = host.get(ExecutionService);
      const scripts = host.get(ScriptService);
      const tests = host.get(TestRunService);
      const script = await host.script('return 1;');
      const { id } = await ran(host, script);

      await expect(executions.replay('globex', id, BY)).rejects.toBeInstanceOf(ExecutionNotFoundError);
      await expect(executions.replay('acme', 'none', BY)).rejects.toBeInstanceOf(ExecutionNotFoundError);
      const wrong = [undefined, {}, { by: '' }, { by: 'x'.repeat(201) }, { ...BY, force: true }, { by: 7 }];
      for (const options of wrong)
        await expect(executions.replay('acme', id, options as never)).rejects.toBeInstanceOf(
          InvalidQueryError,
        );
      const test = await tests.run('acme', script, { executionId: id });
      await expect(executions.replay('acme', test.executionId!, BY)).rejects.toBeInstanceOf(
        ExecutionNotReplayableError,
      );

      await scripts.pause('acme', script, { by: 'ann' });
      await expect(executions.replay('acme', id, BY)).rejects.toBeInstanceOf(ScriptNotRunnableError);
      await scripts.delete('acme', script);
      await expect(executions.replay('acme', id, BY)).rejects.toBeInstanceOf(ScriptNotFoundError);
      expect((await host.executions()).map(({ trigger }) => trigger)).toEqual(['event', 'test']);
    });

    it('is not replayed when its input was not kept', async () => {
      const host = await start();
      const { id } = await ran(host, await host.script('return 1;'));
      const refused = host.get(ExecutionService).replay('acme', id, BY);
      await expect(refused).rejects.toBeInstanceOf(ExecutionInputNotKeptError);
      await expect(refused).rejects.toThrow('storage.keepInput');
    });
  });

  describe('a failed execution', () => {
    it('is replayed only through its dead letter, and the record names who requested it', async () => {
      const host = keeping();
      const executions = host.get(ExecutionService);
      const script = await host.script(`if (ctx.execution.attempt === 1) throw new Error('once'); return 1;`);
      const failed = await ran(host, script);
      await expect(executions.replay('acme', failed.id, BY)).rejects.toBeInstanceOf(
        ExecutionNotReplayableError,
      );
      const letter = await host.deadLetter('exhausted', script);
      await host.get(DeadLetterService).replay('acme', letter.id, BY);
      await host.deadLetter('resolved', script);
      const { items } = await executions.list('acme', { trigger: 'replay' });
      expect(items).toMatchObject([
        { status: 'completed', requestedBy: 'ben', deadLetterId: letter.id, replayOf: null },
      ]);
      // The execution has completed now, so it can be replayed itself.
      expect(await executions.replay('acme', items[0]!.id, BY)).toMatchObject({ status: 'failed' });
    });
  });
});

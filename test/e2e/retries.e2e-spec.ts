import { ExecutionService, ScriptService, type ScriptDeadLetterExhausted } from '../../lib/index.js';
import { DeadLetterQueueRepository } from '../../lib/dead-letter/store/dead-letter-queue.repository.js';
import { waitFor } from '../support/wait-for.js';
import { HeldScripts, HOLD, HOLDING } from './support/held-scripts.js';
import { ADA, sharedHost, TestHost } from './support/test-host.js';

const EVENT = { ...ADA, tenantId: 'acme' };

/** Waits until a retry worker has looked for due dead letters `count` times from now. */
async function ticks(host: TestHost, count: number): Promise<void> {
  const look = jest.spyOn(host.get(DeadLetterQueueRepository), 'getPendingRetries');
  await waitFor(`${count} ticks have passed`, () => look.mock.calls.length >= count);
  look.mockRestore();
}

describe('retries', () => {
  const retrying = sharedHost(() => TestHost.with({ retry: { maxRetries: 3 } }));
  /** A host whose retries take place at once if the script or the test requests them, and otherwise not during the test. */
  const waiting = sharedHost(() =>
    TestHost.with({ retry: { initialDelay: '10m', maxDelay: '10m', maxRetries: 1 } }),
  );

  describe('an execution that failed is retried', () => {
    it('until it completes; two failures and a completion are one resolved dead letter', async () => {
      const host = retrying();
      const script = await host.script(`
      sdk.log.info(ctx.execution.idempotencyKey);
      if (ctx.execution.attempt < 3) throw new Error('not in attempt ' + ctx.execution.attempt);
      return ctx.execution.idempotencyKey;`);
      host.emit('user.created', EVENT);

      const letter = await host.deadLetter('resolved', script);
      expect(letter).toMatchObject({ reason: 'failed', errorKind: 'runtime', retryCount: 2 });
      expect(letter.attempts).toHaveLength(3);
      const rows = await host.executions(script);
      expect(rows.map(({ status, attempt, trigger }) => [status, attempt, trigger])).toEqual([
        ['failed', 1, 'event'],
        ['failed', 2, 'retry'],
        ['completed', 3, 'retry'],
      ]);
      expect(await host.deadLetters()).toHaveLength(1);
      const keys = await host.database.dataSource.query(
        `SELECT DISTINCT idempotency_key, logs -> 0 ->> 'message' AS logged FROM script_executions`,
      );
      expect(keys).toEqual([{ idempotency_key: rows[2]?.result, logged: rows[2]?.result }]);
    });

    it('with the payload that it had, although PostgreSQL returns a much larger text', async () => {
      const host = retrying();
      const follower = await host.script(
        `if (ctx.execution.attempt === 1) throw new Error('not yet');
         return ctx.input.list.filter((n) => n === 1e300).length;`,
        { eventTypes: ['step.done'] },
      );
      // 35,000 bytes as JavaScript writes them. PostgreSQL writes each zero of each number: 1,500,000 bytes.
      await host.script(`events.publish('step.done', { list: new Array(5_000).fill(1e300) });`);
      host.emit('user.created', EVENT);
      await host.deadLetter('resolved', follower);
      const rows = await host.executions(follower);
      expect(rows).toMatchObject([{ status: 'failed' }, { status: 'completed', result: 5_000 }]);
    });

    it('with records that name the execution that published its event', async () => {
      const host = retrying();
      const script = await host.script(`if (ctx.execution.attempt === 1) throw new Error('not yet');`, {
        eventTypes: ['step.done'],
      });
      const publisher = await host.script(`events.publish('step.done', {});`);
      host.emit('user.created', EVENT);
      await host.deadLetter('resolved', script);
      const [published] = await host.executed(1, publisher);
      const { items } = await host.get(ExecutionService).list('acme', { scriptId: script });
      const cause = { causeEventId: published!.eventId, causeExecutionId: published!.id };
      expect(items).toEqual([
        expect.objectContaining({ trigger: 'retry', ...cause }),
        expect.objectContaining({ trigger: 'event', ...cause }),
      ]);
    });

    it('until its retries are used up; then it is exhausted, with exactly one alert', async () => {
      const host = retrying();
      const alerts = host.heard<ScriptDeadLetterExhausted>('script.dead_letter.exhausted');
      const script = await host.script(`throw new Error('never works');`);
      host.emit('user.created', EVENT);

      await waitFor('it is alerted', () => alerts.length > 0);
      await ticks(host, 3);
      const letter = await host.deadLetter('exhausted', script);
      expect(alerts).toEqual([
        expect.objectContaining({
          deadLetterId: letter.id,
          tenantId: 'acme',
          scriptId: script,
          eventType: 'user.created',
          reason: 'failed',
          errorKind: 'runtime',
          error: 'never works',
          retryCount: 3,
          maxRetries: 3,
        }),
      ]);
      expect(await host.executions(script)).toHaveLength(4);
    });

    it('zero times if the script throws NonRetryableError', async () => {
      const host = retrying();
      const alerts = host.heard<ScriptDeadLetterExhausted>('script.dead_letter.exhausted');
      const script = await host.script(`throw new NonRetryableError('the address is wrong');`);
      host.emit('user.created', EVENT);
      await waitFor('it is alerted', () => alerts.length > 0);
      expect(alerts).toMatchObject([{ retryCount: 0, error: 'the address is wrong' }]);
      await ticks(host, 3);
      expect(await host.deadLetters(script)).toMatchObject([{ status: 'exhausted', retryCount: 0 }]);
      expect(await host.executions(script)).toHaveLength(1);
    });

    it('after the time that the script requests', async () => {
      const host = waiting();
      const script = await host.script(
        `if (ctx.execution.attempt === 1) throw new RetryAfterError(20); return 'in time';`,
      );
      host.emit('user.created', EVENT);
      await host.deadLetter('resolved', script);
      expect(await host.executions(script)).toMatchObject([{ status: 'failed' }, { result: 'in time' }]);
    });
  });

  describe('a script that is retried', () => {
    it('ends its retries when it throws NonRetryableError', async () => {
      const host = retrying();
      const alerts = host.heard<ScriptDeadLetterExhausted>('script.dead_letter.exhausted');
      const script = await host.script(
        `if (ctx.execution.attempt < 3) throw new Error('again'); throw new NonRetryableError('never');`,
      );
      host.emit('user.created', EVENT);
      await waitFor('it is alerted', () => alerts.length > 0);
      await ticks(host, 3);
      expect(await host.deadLetters(script)).toMatchObject([
        { status: 'exhausted', retryCount: 2, error: 'never' },
      ]);
      expect(await host.executions(script)).toHaveLength(3);
    });

    it('sets the time of the next retry, in place of the growing delay', async () => {
      const host = await TestHost.with({
        retry: { initialDelay: '600ms', backoffFactor: 100, maxDelay: '1h' },
      });
      const script = await host.script(
        `if (ctx.execution.attempt === 1) throw new Error('after 0.6 s');
       if (ctx.execution.attempt === 2) throw new RetryAfterError(30, 'not after 60 s');
       return 'in time';`,
      );
      host.emit('user.created', EVENT);
      await host.deadLetter('resolved', script);
      expect(await host.executions(script)).toMatchObject([{}, {}, { attempt: 3, result: 'in time' }]);
    });

    it('cannot delay the next retry for longer than retry.maxDelay', async () => {
      const host = waiting();
      const script = await host.script(`throw new RetryAfterError(24 * 60 * 60 * 1000, 'tomorrow');`);
      host.emit('user.created', EVENT);
      await host.deadLetter('pending', script);
      const [{ minutes }] = await host.database.dataSource.query(
        `SELECT extract(epoch FROM next_retry_at - created_at) / 60 AS minutes FROM dead_letter_queue`,
      );
      expect(Number(minutes)).toBeCloseTo(10, 1);
    });
  });

  describe('a script that is stopped meanwhile', () => {
    it('uses no retries while it is paused, and is retried when it is active again', async () => {
      const host = waiting();
      const script = await host.script(
        `if (ctx.execution.attempt === 1) throw new Error('once'); return 'well';`,
      );
      host.emit('user.created', EVENT);
      await host.deadLetter('pending', script);
      await host.get(ScriptService).pause('acme', script);

      // The retry is due now.
      await host.database.dataSource.query('UPDATE dead_letter_queue SET next_retry_at = now()');
      await ticks(host, 3);
      expect(await host.deadLetters(script)).toMatchObject([{ status: 'pending', retryCount: 0 }]);
      expect(await host.executions(script)).toHaveLength(1);

      await host.get(ScriptService).activate('acme', script);
      await host.deadLetter('resolved', script);
      expect(await host.executions(script)).toMatchObject([{ status: 'failed' }, { result: 'well' }]);
    });

    it('has its queued events kept as dead letters when it is paused before their turn', async () => {
      const { host, script } = await behindABusyWorker();
      await host.get(ScriptService).pause('acme', script);
      host.get(HeldScripts).release();
      expect(await host.deadLetter('pending', script)).toMatchObject({ reason: 'paused', retryCount: 0 });

      await host.get(ScriptService).activate('acme', script);
      expect(await host.executed(1, script)).toMatchObject([{ status: 'completed', attempt: 1 }]);
    });

    it('leaves its queued events as discarded dead letters when it is deleted', async () => {
      const { host, script } = await behindABusyWorker();
      await host.get(ScriptService).delete('acme', script);
      host.get(HeldScripts).release();
      const letter = await host.deadLetter('discarded', script);
      expect(letter).toMatchObject({ reason: 'deleted', note: expect.stringContaining('deleted') });
      expect(await host.executions(script)).toEqual([]);
    });

    it('leaves its dead letters discarded with a note when it is deleted', async () => {
      const host = waiting();
      const script = await host.script(`throw new Error('later');`);
      host.emit('user.created', EVENT);
      await host.deadLetter('pending', script);
      const deletion = await host.get(ScriptService).delete('acme', script, 'ada');
      expect(deletion.discardedDeadLetters).toBe(1);
      expect(await host.deadLetter('discarded', script)).toMatchObject({
        reason: 'failed',
        note: expect.any(String),
      });
    });

    /** A script whose event waits while another run occupies the only worker. */
    async function behindABusyWorker(): Promise<{ host: TestHost; script: string }> {
      const options = { buffer: { workerCount: 1 } };
      const host = await TestHost.start({ options, providers: [HeldScripts] });
      const script = await host.script('return 1;');
      await host.script(HOLD, { ...HOLDING, eventTypes: ['session.created'] });
      host.emit('session.created', { tenantId: 'acme', sessionId: 1, userId: 7 });
      await host.get(HeldScripts).held();
      host.emit('user.created', EVENT);
      return { host, script };
    }
  });
});

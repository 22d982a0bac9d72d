import { Injectable, type OnModuleInit } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { DurableEventBuffer } from '../../lib/buffer/durable-event-buffer.js';
import { DeadLetterWriter } from '../../lib/dead-letter/dead-letter.writer.js';
import { ExecutionWriter } from '../../lib/execution/execution.writer.js';
import {
  type BindingContext,
  DeadLetterService,
  EventBuffer,
  InMemoryMetricsRecorder,
  ScriptBinding,
  type ScriptEvent,
  DomainEventPublisher,
  ScriptService,
} from '../../lib/index.js';
import { queuedEvent } from '../support/queued-events.js';
import { itInFull } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { deliverAgain, durableHost, jobs } from './support/durable-host.js';
import { HeldScripts, HOLD, HOLDING } from './support/held-scripts.js';
import { ADA, sharedHost, TestHost } from './support/test-host.js';

const event = (userId = 1) => ({ ...ADA, tenantId: 'acme', userId });

const counted = new Map<TestHost, Record<string, number>>();
const counts = (host: TestHost): Record<string, number> =>
  host.get(InMemoryMetricsRecorder).eventMetrics().redeliveredByResult;

/** The redeliveries that a host has counted in this test, by their kind. */
function redelivered(host: TestHost): Record<string, number> {
  const before = counted.get(host) ?? {};
  const added = Object.entries(counts(host)).map(
    ([how, count]) => [how, count - (before[how] ?? 0)] as const,
  );
  return Object.fromEntries(added.filter(([, count]) => count > 0));
}

/** The queued event of a script's first execution or dead letter. */
const asQueued = (row: { eventId: string; eventType: string; scriptId: string }) =>
  queuedEvent({ id: row.eventId, type: row.eventType, scriptId: row.scriptId });

const emptied = (host: TestHost) =>
  waitFor('the queue is empty', async () => (await jobs(host)).length === 0);

describe('an application with the durable buffer', () => {
  const shared = sharedHost(() =>
    durableHost(
      {
        events: { types: { 'order.placed': { fields: ['a'] } } },
        retry: { initialDelay: '1h', maxDelay: '1h' },
        sandbox: { maxProcesses: 2 },
      },
      undefined,
      [HeldScripts],
    ),
  );
  afterEach(() => void counted.set(shared(), { ...counts(shared()) }));

  it('runs scripts for an event of the emitter', async () => {
    const host = shared();
    const script = await host.script('return [ctx.input.userId, ctx.execution.idempotencyKey];');
    host.emit('user.created', event(7));
    const [row] = await host.executed(1, script);
    expect(row).toMatchObject({ status: 'completed', result: [7, `${row?.eventId}:${script}`] });
    expect(host.get(EventBuffer)).toBeInstanceOf(DurableEventBuffer);
    await emptied(host);
    expect(redelivered(host)).toEqual({});
  });

  it('does not run an event again that is redelivered after its completion', async () => {
    const host = shared();
    const script = await host.script('return 1;');
    host.emit('user.created', event());
    const [done] = await host.executed(1, script);
    await deliverAgain(host, asQueued(done!));
    await waitFor('it is recognised', () => redelivered(host).completed === 1);
    await emptied(host);
    expect(await host.executions(script)).toHaveLength(1);
  });

  it('neither runs nor keeps an event again that is redelivered after it became a dead letter', async () => {
    const host = shared();
    const script = await host.script(`throw new Error('no');`);
    host.emit('user.created', event());
    const letter = await host.deadLetter('pending', script);
    await deliverAgain(host, asQueued(letter));
    await waitFor('it is recognised', () => redelivered(host).kept === 1);
    await emptied(host);
    expect(await host.executions(script)).toHaveLength(1);
    expect(await host.deadLetters(script)).toHaveLength(1);
  });

  it('runs a redelivered event without a record, with the same idempotency key', async () => {
    const host = shared();
    const script = await host.script('return ctx.execution.idempotencyKey;');
    const queued = queuedEvent({ scriptId: script });
    await deliverAgain(host, queued);
    const [row] = await host.executed(1, script);
    expect(row?.result).toBe(`${queued.id}:${script}`);
    expect(redelivered(host)).toEqual({ again: 1 });
  });

  it('keeps an event as a dead letter after 10 deliveries without a result, so that it does not end one node after the other', async () => {
    const host = shared();
    const script = await host.script('return 1;');
    await deliverAgain(host, queuedEvent({ scriptId: script, id: 'patient' }), 9);
    await deliverAgain(host, queuedEvent({ scriptId: script, id: 'poison' }), 10);
    expect(await host.executed(1, script)).toMatchObject([{ eventId: 'patient' }]);
    expect(await host.deadLetter('pending', script)).toMatchObject({
      eventId: 'poison',
      reason: 'failed',
      errorKind: 'crashed',
      error: expect.stringContaining('10 deliveries'),
      retryCount: 0,
    });
    await emptied(host);
    expect(await host.executions(script)).toHaveLength(1);
  });

  it('keeps and counts an undecided event once, however often it is delivered, and runs it on a replay', async () => {
    const host = shared();
    const failed = () => host.get(InMemoryMetricsRecorder).eventMetrics().failedByKind;
    const failedBefore = { ...failed() };
    const filters = { or: Array.from({ length: 60 }, (_, at) => ({ a: { contains: `zz${at}` } })) };
    const script = await host.script('return ctx.input.a.length;', { eventTypes: ['order.placed'], filters });
    const keep = jest.spyOn(host.get(DeadLetterWriter), 'keepOnce');
    keep.mockImplementationOnce(() => Promise.reject(new Error('the process ends here')));
    host.emit('order.placed', { tenantId: 'acme', a: 'a'.repeat(60_000) });
    const letter = await host.deadLetter('exhausted', script);
    expect(letter).toMatchObject({ reason: 'undecided', error: expect.stringContaining('steps') });
    await deliverAgain(host, { ...asQueued(letter), undecided: true });
    await waitFor('it is recognised', () => redelivered(host).kept === 1);
    await emptied(host);
    expect(redelivered(host)).toEqual({ again: 1, kept: 1 });
    expect(failed()).toEqual({ ...failedBefore, undecided: 1 });
    expect(await host.deadLetters(script)).toHaveLength(1);
    expect(await host.executions(script)).toHaveLength(0);

    await host.get(DeadLetterService).replay('acme', letter.id, { by: 'ann' });
    await host.deadLetter('resolved', script);
    expect(await host.executions(script)).toMatchObject([{ status: 'completed', result: 60_000 }]);
  });

  it('gives a script the same idempotency key in the first run, a redelivery, a retry and a replay', async () => {
    const runs: { attempt: number; idempotencyKey: string }[] = [];
    class Runs {
      @ScriptBinding('runs.note')
      note(_input: unknown, { attempt, idempotencyKey }: BindingContext): number {
        return runs.push({ attempt, idempotencyKey });
      }
    }
    const host = await durableHost({ retry: { maxRetries: 1 } }, undefined, [Runs]);
    const script = await host.script(
      `if ((await runs.note({ key: ctx.execution.idempotencyKey })) < 4) throw new Error('not yet');
       return ctx.execution.idempotencyKey;`,
      { bindings: ['runs.note'] },
    );
    const add = jest.spyOn(host.get(ExecutionWriter), 'add');
    add.mockImplementationOnce(() => Promise.reject(new Error('the process ends here')));
    const { eventId } = await host
      .get(DomainEventPublisher)
      .publish('user.created', event(), { tenantId: 'acme' });
    const letter = await host.deadLetter('exhausted', script);
    await host.get(DeadLetterService).replay('acme', letter.id, { by: 'ann' });
    await host.deadLetter('resolved', script);
    const idempotencyKey = `${eventId}:${script}`;
    expect(runs).toEqual([1, 1, 2, 3].map((attempt) => ({ attempt, idempotencyKey })));
    expect(redelivered(host)).toEqual({ again: 1 });
    const rows = await host.executions(script);
    expect(rows.map(({ trigger }) => trigger)).toEqual(['event', 'retry', 'replay']);
    expect(rows.at(-1)?.result).toBe(idempotencyKey);
  });

  it('records one completion when two runs of an event complete, and counts the second one', async () => {
    const host = shared();
    const script = await host.script(`${HOLD} return 1;`, HOLDING);
    const queued = queuedEvent({ scriptId: script });
    await deliverAgain(host, queued);
    await deliverAgain(host, queued);
    await host.get(HeldScripts).held(2);
    host.get(HeldScripts).release();
    await waitFor('both have completed', () => redelivered(host).repeated === 1);
    await emptied(host);
    expect(redelivered(host)).toEqual({ again: 2, repeated: 1 });
    expect(await host.executions(script)).toHaveLength(1);
  });

  it('queues an event that a script publishes once, although the run is repeated because its record was not stored', async () => {
    const host = shared();
    const publisher = await host.script(`events.publish('client.scored', { score: 9 }); return 'published';`);
    const listener = await host.script('return ctx.input.score;', { eventTypes: ['client.scored'] });
    const told = host.heard<ScriptEvent>('script.event');
    const add = jest.spyOn(host.get(ExecutionWriter), 'add');
    add.mockImplementationOnce(() => Promise.reject(new Error('the process ends here')));
    host.emit('user.created', event());
    await waitFor('the run is repeated', () => redelivered(host).again === 1);
    await host.executed(1, publisher);
    await host.executed(1, listener);
    await emptied(host);
    expect(await host.executions(listener)).toMatchObject([{ result: 9, status: 'completed' }]);
    expect(await host.executions(publisher)).toHaveLength(1);
    // The first run did not count as completed, so the host is told of the event of the second one only.
    expect(told).toHaveLength(1);
    expect((await host.executions(listener))[0]?.eventId).toBe(told[0]?.id);
  });

  it('keeps an event as a dead letter when its chain returns to a script', async () => {
    const host = shared();
    const script = await host.script(`events.publish('ping.pong', {}); return 1;`, {
      eventTypes: ['user.created', 'ping.pong'],
    });
    host.emit('user.created', event());
    expect(await host.deadLetter('exhausted', script)).toMatchObject({ reason: 'loop' });
    // Another worker may handle the published event before the record of its publisher is stored.
    expect(await host.executed(1, script)).toHaveLength(1);
  });

  it('runs the event of a script that another instance has just activated', async () => {
    const host = await durableHost({ index: { listen: false, pollInterval: '1h' } });
    const script = await host.script('return 1;', { active: false });
    await host.database.dataSource.query(`UPDATE scripts SET status = 'active' WHERE id = $1`, [script]);
    await deliverAgain(host, queuedEvent({ scriptId: script }));
    expect(await host.executed(1, script)).toMatchObject([{ status: 'completed' }]);
  });

  it('keeps a queued event of a script that is paused as a dead letter, and runs it once the script is active again', async () => {
    const host = shared();
    const script = await host.script('return 1;', { active: false });
    await deliverAgain(host, queuedEvent({ scriptId: script }));
    expect(await host.deadLetter('pending', script)).toMatchObject({ reason: 'paused' });
    await host.get(ScriptService).activate('acme', script);
    await host.deadLetter('resolved', script);
    expect(await host.executions(script)).toMatchObject([{ status: 'completed', attempt: 1 }]);
  });

  it('runs queued events of the database only after every module of the host is initialised', async () => {
    const one = await durableHost();
    const script = await one.script('return 1;');
    await one.close();
    await deliverAgain(one, queuedEvent({ scriptId: script }));

    const order: string[] = [];
    @Injectable()
    class SlowPart implements OnModuleInit {
      constructor(private readonly emitter: EventEmitter2) {}

      async onModuleInit(): Promise<void> {
        this.emitter.on('script.execution.completed', () => order.push('ran'));
        await waitFor('the event is handed out', async () => (await jobs(one)).some(({ locked }) => locked));
        order.push('initialised');
      }
    }
    const two = await durableHost({}, one.database, [SlowPart]);
    await two.executed(1, script);
    await emptied(two);
    expect(order).toEqual(['initialised', 'ran']);
  });
});

describe('a graceful stop', () => {
  const holdingHost = (options: Parameters<typeof durableHost>[0], database?: TestHost['database']) =>
    durableHost(options, database, [HeldScripts]);

  it('leaves events that have not begun in the queue, and another node runs them', async () => {
    const one = await holdingHost({ buffer: { workerCount: 1 } });
    const script = await one.script(`${HOLD} return ctx.input.userId;`, HOLDING);
    for (let userId = 1; userId <= 12; userId++) one.emit('user.created', event(userId));
    await one.get(HeldScripts).held();
    const closing = one.close();
    one.get(HeldScripts).release();
    await closing;
    const done = (await one.executions(script)).length;
    expect(done).toBeLessThan(12);
    expect(await one.deadLetters()).toEqual([]);

    const two = await holdingHost({}, one.database);
    two.get(HeldScripts).release();
    const rows = await two.executed(12, script);
    expect(rows.map(({ result }) => result as number).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
    expect(redelivered(two)).toEqual({});
  });

  it('cancels runs at its timeout and makes no dead letters of them; another node completes their events', async () => {
    const one = await holdingHost({ shutdownTimeout: 50 });
    const script = await one.script(`${HOLD} return 'done';`, HOLDING);
    one.emit('user.created', event());
    await one.get(HeldScripts).held();
    await one.close();
    expect(await one.deadLetters()).toEqual([]);
    expect(await jobs(one)).toHaveLength(1);

    const two = await holdingHost({}, one.database);
    two.get(HeldScripts).release();
    await waitFor('another node completed it', async () =>
      (await two.executions(script)).some(({ status }) => status === 'completed'),
    );
    expect(redelivered(two)).toEqual({ again: 1 });
    const cancelled = (await two.executions(script)).filter(({ errorKind }) => errorKind === 'cancelled');
    expect(cancelled).toHaveLength(1);
  });

  // Only in the full form: "keeps events that the host emits while it stops" of test/e2e/shutdown.e2e-spec.ts proves the same.
  itInFull('keeps events that are emitted meanwhile as dead letters that are due immediately', async () => {
    const one = await holdingHost({ buffer: { workerCount: 1 } });
    const script = await one.script(`${HOLD} return 1;`, HOLDING);
    one.emit('user.created', event());
    await one.get(HeldScripts).held();
    const closing = one.close();
    await waitFor('the intake is closed', async () => {
      one.emit('user.created', event(2));
      return (await one.deadLetters()).some(({ reason }) => reason === 'shutdown');
    });
    one.get(HeldScripts).release();
    await closing;
    expect((await one.deadLetters(script)).every(({ due, reason }) => due && reason === 'shutdown')).toBe(
      true,
    );
  });
});

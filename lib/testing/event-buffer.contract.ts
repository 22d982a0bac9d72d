import assert from 'node:assert/strict';
import type { EventBuffer } from '../buffer/event-buffer.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import { ORDER_CHECKS, PUT_BACK_CHECKS } from './buffer-abilities.js';
import {
  CHECK_STOP_MS,
  CHECK_WAIT_MS,
  type CheckedBuffer,
  checkOf,
  type EventBufferCheck,
  type EventBufferFixture,
  sampleEvent,
  sampleEvents,
  until,
} from './buffer-checks.js';

/**
 * What every `EventBuffer` promises, as a list of checks for any test runner:
 *
 * ```ts
 * for (const { title, run } of eventBufferContract({ create })) it(title, run, 90_000);
 * ```
 *
 * Each check creates a buffer of its own. Set `keepsOrder` or `putsBack` in the fixture if the buffer has it. For a
 * durable buffer, use `durableEventBufferContract`.
 *
 * @publicApi
 */
export function eventBufferContract<Buffer extends EventBuffer>(
  fixture: EventBufferFixture<Buffer>,
): EventBufferCheck[] {
  const { keepsOrder = false, putsBack = false } = fixture;
  const checks: Checks = {
    ...CHECKS,
    'has the abilities that the fixture names, and no others': async ({ open }) => {
      const buffer = await open();
      assert.deepEqual(
        { keepsOrder: buffer.keepsOrder, putsBack: buffer.putsBack },
        { keepsOrder, putsBack },
        'keepsOrder and putsBack must be the same in the fixture as in the buffer',
      );
    },
    ...(keepsOrder && ORDER_CHECKS),
    ...(putsBack && PUT_BACK_CHECKS),
  };
  return Object.entries(checks).map(([title, body]) => checkOf(fixture, title, body));
}

type Checks = Record<string, (buffers: CheckedBuffer<EventBuffer>) => Promise<void>>;

const CHECKS: Checks = {
  'hands every queued event to a worker once, with all its fields': async ({ open }) => {
    const buffer = await open();
    const events = sampleEvents(20, (at) => ({ scriptId: `script-${at % 5}` }));
    const seen: QueuedEvent[] = [];
    await buffer.start(async (event) => void seen.push(event));
    assert.deepEqual(buffer.enqueue(events), { accepted: 20, overflowed: [] });
    await until('all were processed', () => seen.length >= 20);
    assert.equal(await buffer.drain(CHECK_WAIT_MS), true);
    assert.deepEqual(comparable(seen), comparable(events));
  },

  'hands an event to a worker once for each of its scripts': async ({ open }) => {
    const buffer = await open();
    const events = sampleEvents(3, (at) => ({ id: 'shared', scriptId: `script-${at}` }));
    const seen: string[] = [];
    await buffer.start(async ({ id, scriptId }) => void seen.push(`${id} ${scriptId}`));
    assert.deepEqual(buffer.enqueue(events), { accepted: 3, overflowed: [] });
    await until('all were processed', () => seen.length >= 3);
    assert.equal(await buffer.drain(CHECK_WAIT_MS), true);
    assert.deepEqual(seen.toSorted(), ['shared script-0', 'shared script-1', 'shared script-2']);
  },

  'does not process inside enqueue': async ({ open }) => {
    const buffer = await open();
    let calls = 0;
    await buffer.start(async () => void calls++);
    buffer.enqueue([sampleEvent()]);
    assert.equal(calls, 0);
    await until('it was processed later', () => calls === 1);
  },

  'never runs more at one time than it has workers': async ({ open, gate }) => {
    const buffer = await open(3, 10);
    const held = gate();
    let running = 0;
    let most = 0;
    await buffer.start(async () => {
      most = Math.max(most, ++running);
      await held.opened;
      running--;
    });
    buffer.enqueue(sampleEvents(9, (at) => ({ scriptId: `script-${at}` })));
    await until('all workers are busy', () => running >= 3);
    const { busy, workers } = buffer.stats();
    assert.deepEqual({ busy, workers }, { busy: 3, workers: 3 });
    held.open();
    assert.equal(await buffer.drain(CHECK_WAIT_MS), true);
    assert.equal(most, 3);
  },

  'never runs one script more often at one time than its limit, and uses the other workers': async ({
    open,
    gate,
  }) => {
    const buffer = await open(4, 2);
    const held = gate();
    const running: Record<string, number> = {};
    let most = 0;
    await buffer.start(async ({ scriptId }) => {
      const now = (running[scriptId] = (running[scriptId] ?? 0) + 1);
      most = Math.max(most, now);
      await held.opened;
      running[scriptId] = (running[scriptId] ?? 0) - 1;
    });
    buffer.enqueue(sampleEvents(8, () => ({ scriptId: 'greedy' })));
    buffer.enqueue([sampleEvent({ scriptId: 'modest' })]);
    await until('both scripts run', () => (running['greedy'] ?? 0) >= 2 && running['modest'] === 1);
    held.open();
    assert.equal(await buffer.drain(CHECK_WAIT_MS), true);
    assert.equal(most, 2);
  },

  'takes turns over tenants, so that a flood of one does not hold back another': async ({
    open,
    queued,
    gate,
  }) => {
    const buffer = await open(1, 1);
    const order: string[] = [];
    const held = gate();
    await buffer.start(async ({ tenantId }) => {
      order.push(tenantId);
      await held.opened;
    });
    buffer.enqueue(sampleEvents(50, () => ({ tenantId: 'loud', scriptId: 'loud' })));
    await until('the first one runs', () => order.length > 0);
    buffer.enqueue([sampleEvent({ tenantId: 'quiet', scriptId: 'quiet' })]);
    await queued();
    held.open();
    await until('the quiet tenant had its turn', () => order.includes('quiet'));
    const before = order.indexOf('quiet');
    assert.ok(before <= 3, `${before} events of the loud tenant ran before the quiet one's`);
  },

  'counts deliveries from 1': async ({ open }) => {
    const buffer = await open();
    const deliveries: number[] = [];
    await buffer.start(async (_event, _signal, delivery) => void deliveries.push(delivery));
    buffer.enqueue([sampleEvent(), sampleEvent()]);
    await until('both were processed', () => deliveries.length === 2);
    assert.deepEqual(deliveries, [1, 1]);
  },

  'goes on after a worker failed': async ({ open }) => {
    const buffer = await open(1, 1);
    const seen: string[] = [];
    await buffer.start(async ({ id }) => {
      seen.push(id);
      if (id === 'bad') throw new Error('the processor failed');
    });
    buffer.enqueue([sampleEvent({ id: 'bad' }), sampleEvent({ id: 'good' })]);
    await until('the next one was processed', () => seen.includes('good'));
  },

  'overflows everything after close, while what has begun goes on': async ({ open, gate }) => {
    const buffer = await open(1, 1);
    const held = gate();
    const seen: string[] = [];
    await buffer.start(async ({ id }) => {
      await held.opened;
      seen.push(id);
    });
    const early = [sampleEvent({ id: 'first' }), sampleEvent({ id: 'second' })];
    buffer.enqueue(early);
    await until('the first one runs', () => buffer.stats().busy === 1);
    buffer.close();

    const late = sampleEvent();
    assert.deepEqual(buffer.enqueue([late]), { accepted: 0, overflowed: [late] });
    held.open();
    assert.equal(await buffer.drain(CHECK_WAIT_MS), true);
    // A durable buffer may leave rows for another node; a buffer in memory can't.
    if (buffer.durable) assert.ok(seen.includes('first'), 'what had begun did not end');
    else assert.deepEqual(seen, ['first', 'second']);
  },

  'says when draining takes longer than it may': async ({ open, gate }) => {
    const buffer = await open();
    const held = gate();
    await buffer.start(() => held.opened);
    buffer.enqueue([sampleEvent()]);
    await until('it runs', () => buffer.stats().busy === 1);
    assert.equal(await buffer.drain(20), false);
    held.open();
    assert.equal(await buffer.drain(CHECK_WAIT_MS), true);
  },

  'aborts what runs when it stops, and a second stop does nothing': async ({ open }) => {
    const buffer = await open(1, 1);
    let aborted = false;
    await buffer.start(
      (_event, signal) =>
        new Promise((resolve) =>
          signal.addEventListener('abort', () => {
            aborted = true;
            resolve();
          }),
        ),
    );
    buffer.enqueue([sampleEvent({ id: 'running' })]);
    await until('it runs', () => buffer.stats().busy === 1);
    buffer.enqueue([sampleEvent({ id: 'waiting' })]);

    const left = await buffer.stop(CHECK_STOP_MS);
    assert.equal(aborted, true);
    assert.deepEqual(
      left.map(({ id }) => id),
      buffer.durable ? [] : ['waiting'],
    );
    assert.deepEqual(await buffer.stop(CHECK_STOP_MS), []);
  },
};

/** Compares events without their enqueue time, which the buffer decides. */
const comparable = (events: readonly QueuedEvent[]): object[] =>
  events
    .map(({ enqueuedAt, ...event }) => ({ ...event, queued: enqueuedAt > 0 }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));

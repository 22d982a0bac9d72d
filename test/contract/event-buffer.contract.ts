import type { EventBuffer } from '../../lib/buffer/event-buffer.js';
import type { QueuedEvent } from '../../lib/buffer/queued-event.js';
import { queuedEvent } from '../support/queued-events.js';
import { Gate, waitFor } from '../support/wait-for.js';

/** How a buffer under test is made. */
export interface EventBufferFixture {
  create(options: { workerCount: number; runsPerScript: number }): Promise<EventBuffer>;
  /** Waits until what was enqueued is in the queue, for a buffer that writes it a moment later. */
  queued?(buffer: EventBuffer): Promise<void>;
  /** Ends whatever `create` opened. */
  dispose(): Promise<void>;
}

const ids = (events: readonly QueuedEvent[]) => events.map((event) => event.eventId);

/** What every {@link EventBuffer} promises, whatever engine is behind it. */
export function eventBufferContract(name: string, fixture: EventBufferFixture): void {
  describe(`${name} keeps the contract of an event buffer`, () => {
    let buffer: EventBuffer;
    const open = async (workerCount = 4, runsPerScript = 2) =>
      (buffer = await fixture.create({ workerCount, runsPerScript }));

    afterEach(async () => {
      await buffer.stop(5_000);
      await fixture.dispose();
    });

    it('hands every queued event to a worker once, with all its fields', async () => {
      await open();
      const events = Array.from({ length: 20 }, (_, i) => queuedEvent({ scriptId: `script-${i % 5}` }));
      const seen: QueuedEvent[] = [];
      await buffer.start(async (event) => void seen.push(event));

      expect(buffer.enqueue(events)).toEqual({ accepted: 20, overflowed: [] });
      await waitFor('all were processed', () => seen.length === 20);
      expect(await buffer.drain(60_000)).toBe(true);

      expect(seen.map(withoutTime).toSorted(byId)).toEqual(events.map(withoutTime).toSorted(byId));
    });

    it('does not process inside enqueue', async () => {
      await open();
      let calls = 0;
      await buffer.start(async () => void calls++);
      buffer.enqueue([queuedEvent()]);
      expect(calls).toBe(0);
      await waitFor('it was processed later', () => calls === 1);
    });

    it('never runs more at one time than it has workers', async () => {
      await open(3, 10);
      const gate = new Gate();
      let running = 0;
      let most = 0;
      await buffer.start(async () => {
        most = Math.max(most, ++running);
        await gate.opened;
        running--;
      });
      buffer.enqueue(Array.from({ length: 9 }, (_, i) => queuedEvent({ scriptId: `script-${i}` })));
      await waitFor('all workers are busy', () => running === 3);
      expect(buffer.stats()).toMatchObject({ busy: 3, workers: 3 });
      gate.open();
      expect(await buffer.drain(60_000)).toBe(true);
      expect(most).toBe(3);
    });

    it('never runs one script more often at one time than its limit, and uses the other workers', async () => {
      await open(4, 2);
      const gate = new Gate();
      const running = new Map<string, number>();
      let most = 0;
      await buffer.start(async ({ scriptId }) => {
        running.set(scriptId, (running.get(scriptId) ?? 0) + 1);
        most = Math.max(most, running.get(scriptId)!);
        await gate.opened;
        running.set(scriptId, running.get(scriptId)! - 1);
      });
      buffer.enqueue(Array.from({ length: 8 }, () => queuedEvent({ scriptId: 'greedy' })));
      buffer.enqueue([queuedEvent({ scriptId: 'modest' })]);
      await waitFor('both scripts run', () => running.get('greedy') === 2 && running.get('modest') === 1);
      gate.open();
      expect(await buffer.drain(60_000)).toBe(true);
      expect(most).toBe(2);
    });

    it('takes turns over tenants, so that a flood of one does not hold back another', async () => {
      await open(1, 1);
      const order: string[] = [];
      const gate = new Gate();
      await buffer.start(async ({ tenantId }) => {
        order.push(tenantId);
        await gate.opened;
      });
      buffer.enqueue(Array.from({ length: 50 }, () => queuedEvent({ tenantId: 'loud', scriptId: 'loud' })));
      await waitFor('the first one runs', () => order.length > 0);
      buffer.enqueue([queuedEvent({ tenantId: 'quiet', scriptId: 'quiet' })]);
      await fixture.queued?.(buffer);
      gate.open();
      await waitFor('the quiet tenant had its turn', () => order.includes('quiet'));
      expect(order.indexOf('quiet')).toBeLessThanOrEqual(3);
    });

    it('counts deliveries from 1', async () => {
      await open();
      const deliveries: number[] = [];
      await buffer.start(async (_, __, delivery) => void deliveries.push(delivery));
      buffer.enqueue([queuedEvent(), queuedEvent()]);
      await waitFor('both were processed', () => deliveries.length === 2);
      expect(deliveries).toEqual([1, 1]);
    });

    it('goes on after a worker failed', async () => {
      await open(1, 1);
      const seen: string[] = [];
      await buffer.start(async ({ eventId }) => {
        seen.push(eventId);
        if (eventId === 'bad') throw new Error('the processor failed');
      });
      buffer.enqueue([queuedEvent({ eventId: 'bad' }), queuedEvent({ eventId: 'good' })]);
      await waitFor('the next one was processed', () => seen.includes('good'));
    });

    it('overflows everything after close, while what has begun goes on', async () => {
      await open(1, 1);
      const gate = new Gate();
      const seen: string[] = [];
      await buffer.start(async ({ eventId }) => {
        await gate.opened;
        seen.push(eventId);
      });
      const early = [queuedEvent(), queuedEvent()];
      buffer.enqueue(early);
      await waitFor('the first one runs', () => buffer.stats().busy === 1);
      buffer.close();

      const late = queuedEvent();
      expect(buffer.enqueue([late])).toEqual({ accepted: 0, overflowed: [late] });
      gate.open();
      expect(await buffer.drain(60_000)).toBe(true);
      // Rows of a durable buffer may be left for another node; memory has no other place.
      expect(seen).toEqual(buffer.durable ? expect.arrayContaining([early[0]!.eventId]) : ids(early));
    });

    it('says when draining takes longer than it may', async () => {
      await open();
      const gate = new Gate();
      await buffer.start(() => gate.opened);
      buffer.enqueue([queuedEvent()]);
      await waitFor('it runs', () => buffer.stats().busy === 1);
      expect(await buffer.drain(20)).toBe(false);
      gate.open();
      expect(await buffer.drain(60_000)).toBe(true);
    });

    it('aborts what runs when it stops, and a second stop does nothing', async () => {
      await open(1, 1);
      let aborted = false;
      await buffer.start(
        (_, signal) =>
          new Promise((resolve) =>
            signal.addEventListener('abort', () => {
              aborted = true;
              resolve();
            }),
          ),
      );
      const running = queuedEvent({ eventId: 'running' });
      const waiting = queuedEvent({ eventId: 'waiting' });
      buffer.enqueue([running]);
      await waitFor('it runs', () => buffer.stats().busy === 1);
      buffer.enqueue([waiting]);

      const left = await buffer.stop(5_000);
      expect(aborted).toBe(true);
      expect(ids(left)).toEqual(buffer.durable ? [] : ['waiting']);
      expect(await buffer.stop(5_000)).toEqual([]);
    });
  });
}

const byId = (a: { eventId: string }, b: { eventId: string }) => (a.eventId < b.eventId ? -1 : 1);

/** When it entered the buffer is the buffer's to say. */
const withoutTime = ({ enqueuedAt, ...event }: QueuedEvent) => ({ ...event, queued: enqueuedAt > 0 });

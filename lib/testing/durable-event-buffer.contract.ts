import assert from 'node:assert/strict';
import type { DurableEventBuffer, SqlConnection } from '../buffer/durable-event-buffer.js';
import {
  CHECK_WAIT_MS,
  type CheckedBuffer,
  checkOf,
  type EventBufferCheck,
  type EventBufferFixture,
  sampleEvent,
  until,
} from './buffer-checks.js';
import { eventBufferContract } from './event-buffer.contract.js';

/**
 * How the contract creates the durable buffer under test.
 *
 * @publicApi
 */
export interface DurableEventBufferFixture extends EventBufferFixture<DurableEventBuffer> {
  /**
   * Runs `work` in a transaction of the database with the rows of the buffer that was created last. Commits when `work`
   * resolves; rolls back and rethrows when it rejects. With TypeORM: `(work) => dataSource.transaction(work)`.
   */
  transaction(work: (connection: SqlConnection) => Promise<void>): Promise<void>;
}

/**
 * What every `DurableEventBuffer` promises: everything in `eventBufferContract`, and what rows in the host's database
 * add to it.
 *
 * @publicApi
 */
export function durableEventBufferContract(fixture: DurableEventBufferFixture): EventBufferCheck[] {
  const own = Object.entries(CHECKS).map(([title, body]) =>
    checkOf(fixture, title, (buffers) => body(buffers, fixture)),
  );
  return [...eventBufferContract(fixture), ...own];
}

type DurableCheck = (
  buffers: CheckedBuffer<DurableEventBuffer>,
  fixture: DurableEventBufferFixture,
) => Promise<void>;

const CHECKS: Record<string, DurableCheck> = {
  'is durable': async ({ open }) => {
    assert.equal((await open()).durable, true);
  },

  'runs what is queued in a transaction after its commit, not before': async ({ open }, fixture) => {
    const buffer = await open();
    const seen = await record(buffer);
    await fixture.transaction(async (connection) => {
      const written = await buffer.enqueueIn(connection, [sampleEvent({ id: 'within' })]);
      assert.deepEqual(written, { enqueued: 1, duplicates: 0 });
      await buffer.enqueueIn(null, [sampleEvent({ id: 'beside' })]);
      await until('an event that was queued later is processed', () => seen.includes('beside'));
      assert.deepEqual(seen, ['beside']);
    });
    await until('it is processed once it is committed', () => seen.includes('within'));
  },

  'leaves nothing of a transaction that is rolled back': async ({ open }, fixture) => {
    const buffer = await open();
    const seen = await record(buffer);
    const undo = new Error('roll back');
    const failed = fixture.transaction(async (connection) => {
      await buffer.enqueueIn(connection, [sampleEvent({ id: 'undone' })]);
      throw undo;
    });
    await assert.rejects(failed, (error) => error === undo);
    await buffer.enqueueIn(null, [sampleEvent({ id: 'later' })]);
    await until('an event that was queued later is processed', () => seen.includes('later'));
    assert.equal(await buffer.drain(CHECK_WAIT_MS), true);
    assert.deepEqual(seen, ['later']);
  },

  'accepts an event id given by the publisher once for each tenant': async ({ open, gate }) => {
    const buffer = await open();
    const held = gate();
    await buffer.start(() => held.opened);
    const once = { once: true };
    const event = sampleEvent({ id: 'mine' });
    assert.deepEqual(await buffer.enqueueIn(null, [event], once), { enqueued: 1, duplicates: 0 });
    assert.deepEqual(await buffer.enqueueIn(null, [event], once), { enqueued: 0, duplicates: 1 });
    const others = sampleEvent({ id: 'mine', tenantId: 'other' });
    assert.deepEqual(await buffer.enqueueIn(null, [others], once), { enqueued: 1, duplicates: 0 });
    held.open();
  },

  'delivers an event again if its worker failed, and counts the delivery': async ({ open }) => {
    const buffer = await open();
    const deliveries: number[] = [];
    await buffer.start(async (_event, _signal, delivery) => {
      deliveries.push(delivery);
      if (delivery === 1) throw new Error('storage is away');
    });
    buffer.enqueue([sampleEvent()]);
    await until('it came again', () => deliveries.length === 2);
    assert.deepEqual(deliveries, [1, 2]);
  },

  'refuses new events after close, but not those that follow from running work': async ({ open, gate }) => {
    const buffer = await open();
    const held = gate();
    await buffer.start(() => held.opened);
    buffer.enqueue([sampleEvent()]);
    await until('it runs', () => buffer.stats().busy === 1);
    buffer.close();
    await assert.rejects(buffer.enqueueIn(null, [sampleEvent()]), { code: 'event-buffer-closed' });
    const followUp = await buffer.enqueueIn(null, [sampleEvent()], { followUp: true });
    assert.deepEqual(followUp, { enqueued: 1, duplicates: 0 });
    held.open();
  },
};

/** Starts the buffer. The returned list fills with the ids of the processed events. */
async function record(buffer: DurableEventBuffer): Promise<string[]> {
  const seen: string[] = [];
  await buffer.start(async ({ id }) => void seen.push(id));
  return seen;
}

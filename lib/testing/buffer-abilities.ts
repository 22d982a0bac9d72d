import assert from 'node:assert/strict';
import type { EventBuffer, ProcessingVerdict } from '../buffer/event-buffer.js';
import { CHECK_STOP_MS, CHECK_WAIT_MS, type CheckedBuffer, sampleEvent, until } from './buffer-checks.js';

type AbilityCheck = (buffers: CheckedBuffer<EventBuffer>) => Promise<void>;

/** What a buffer with `keepsOrder` promises. */
export const ORDER_CHECKS: Record<string, AbilityCheck> = {
  'runs the events of one ordering key one at a time and in order, while other keys go on': async ({
    open,
    gate,
  }) => {
    const buffer = await open(10, 10);
    const held = gate();
    const ran: Record<string, string[]> = { slow: [], quick: [] };
    const running: Record<string, number> = { slow: 0, quick: 0 };
    let most = 0;
    await buffer.start(async ({ id, ordering }) => {
      const key = ordering?.key ?? '';
      most = Math.max(most, (running[key] = (running[key] ?? 0) + 1));
      if (key === 'slow') await held.opened;
      // Another event of the key would begin here.
      await new Promise((resolve) => setImmediate(resolve));
      ran[key]?.push(id);
      running[key] = (running[key] ?? 0) - 1;
    });
    buffer.enqueue([...ids('slow'), ...ids('quick')].map((id) => inOrder(id, id.split('-')[0] ?? '')));
    await until('all events of the other key ran', () => ran['quick']?.length === 5);
    assert.deepEqual(ran['slow'], []);
    held.open();
    await until('all events of both keys ran', () => ran['slow']?.length === 5);
    assert.deepEqual(ran, { slow: ids('slow'), quick: ids('quick') });
    assert.equal(most, 1);
  },

  'runs the next event of an ordering key after one became a dead letter, if failed ones are skipped':
    async ({ open }) => {
      const buffer = await open();
      const seen: string[] = [];
      await buffer.start(async ({ id }): Promise<ProcessingVerdict> => {
        seen.push(id);
        return id === 'fails' ? 'kept' : 'completed';
      });
      buffer.enqueue([inOrder('fails', 'a'), inOrder('next', 'a')]);
      await until('both ran', () => seen.length === 2);
      assert.equal(await buffer.drain(CHECK_WAIT_MS), true);
      assert.deepEqual(seen, ['fails', 'next']);
    },
};

/** What a buffer with `putsBack` promises. */
export const PUT_BACK_CHECKS: Record<string, AbilityCheck> = {
  'delivers an event answered with "later" again, before the next events of its script': async ({ open }) => {
    const buffer = await open(1, 1);
    const seen: string[] = [];
    await buffer.start(async ({ id }): Promise<ProcessingVerdict> => {
      seen.push(id);
      return seen.length === 1 ? 'later' : 'completed';
    });
    buffer.enqueue([sampleEvent({ id: 'first' }), sampleEvent({ id: 'second' })]);
    await until('both ran', () => seen.length === 3);
    assert.equal(await buffer.drain(CHECK_WAIT_MS), true);
    assert.deepEqual(seen, ['first', 'first', 'second']);
  },

  'returns an event answered with "later" when it stops': async ({ open }) => {
    const buffer = await open(1, 1);
    let deliveries = 0;
    await buffer.start(async (): Promise<ProcessingVerdict> => {
      deliveries += 1;
      return 'later';
    });
    buffer.enqueue([sampleEvent({ id: 'waiting' })]);
    await until('it was delivered', () => deliveries > 0);
    const left = await buffer.stop(CHECK_STOP_MS);
    assert.deepEqual(
      left.map(({ id }) => id),
      ['waiting'],
    );
  },
};

const ids = (key: string): string[] => Array.from({ length: 5 }, (_, at) => `${key}-${at}`);
const inOrder = (id: string, key: string) => sampleEvent({ id, ordering: { key, onFailure: 'skip' } });

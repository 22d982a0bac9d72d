import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { FairTimer } from '../../../lib/common/fair-timer.js';
import { waitFor } from '../../support/wait-for.js';
import { within } from '../../../lib/common/within.js';

/** Blocks the event loop, as if the process were stopped or swapped out. */
const standStill = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

describe('FairTimer', () => {
  describe('with a fake clock', () => {
    beforeEach(() => void jest.useFakeTimers());
    afterEach(() => void jest.useRealTimers());

    test.each([0, 1, 250, 251, 11_000])('calls back after %i ms, once and not before', (ms) => {
      const onEnd = jest.fn();
      void new FairTimer(ms, onEnd);
      jest.advanceTimersByTime(Math.max(0, ms - 1));
      expect(onEnd).toHaveBeenCalledTimes(ms === 0 ? 1 : 0);
      jest.advanceTimersByTime(1);
      expect(onEnd).toHaveBeenCalledTimes(1);
      jest.advanceTimersByTime(60_000);
      expect(onEnd).toHaveBeenCalledTimes(1);
    });

    test('does not call back after it is cancelled', () => {
      const onEnd = jest.fn();
      const timer = new FairTimer(1_000, onEnd);
      jest.advanceTimersByTime(999);
      timer.cancel();
      jest.advanceTimersByTime(60_000);
      expect(onEnd).not.toHaveBeenCalled();
      expect(jest.getTimerCount()).toBe(0);
    });
  });

  test('does not count the time in which the process stood still, and reports it', async () => {
    const ends: string[] = [];
    const timer = new FairTimer(600, () => ends.push('fair'));
    const plain = new Promise((resolve) => setTimeout(resolve, 600));
    standStill(700);
    expect(timer.stoodStillMs).toBeGreaterThanOrEqual(400);
    await plain;
    expect(ends).toEqual([]);
    await waitFor('the timer ends', () => ends.length > 0);
  });
});

describe('within', () => {
  test('treats an answer that came while the process stood still as on time', async () => {
    const server = createServer((socket) => void socket.end('an answer'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(client, 'connect');
    const answered = once(client, 'data');
    const waited = within(answered, 50);
    // The server is this process, too: it gets one turn of the loop to answer in, and then everything stands still.
    setImmediate(() => setImmediate(() => standStill(400)));
    await expect(waited).resolves.toBe('done');
    server.close();
  });
});

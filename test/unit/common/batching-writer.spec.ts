import {
  WriteRefusedError,
  WriterClosedError,
  WriterFullError,
} from '../../../lib/common/batching-writer.errors.js';
import type { BatchingWriterOptions } from '../../../lib/common/batching-writer.options.js';
import { BatchingWriter } from '../../../lib/common/batching-writer.js';
import { Gate } from '../../support/wait-for.js';
import { limitTests } from '../../support/time-limits.js';

limitTests('busy');

const away = (): Error => Object.assign(new Error('terminating connection'), { code: '57P01' });
const bad = (): Error => Object.assign(new Error('invalid input syntax'), { code: '22P02' });
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** A store whose writes wait for a gate while it is shut. */
class Store {
  readonly batches: number[][] = [];
  gate: Gate | undefined;
  fail: (items: readonly number[]) => Error | undefined = () => undefined;

  readonly write = async (items: readonly number[]): Promise<void> => {
    await this.gate?.opened;
    const error = this.fail(items);
    if (error) throw error;
    this.batches.push([...items]);
  };

  get stored(): number[] {
    return this.batches.flat();
  }
}

describe('BatchingWriter', () => {
  let store: Store;
  const writerOf = (options: Partial<BatchingWriterOptions<number>> = {}): BatchingWriter<number> =>
    new BatchingWriter({ name: 'test writer', write: store.write, retryMs: 1, maxRetryMs: 2, ...options });

  beforeEach(() => {
    store = new Store();
  });

  describe('grouping', () => {
    it('writes immediately while idle, and resolves when the item is stored', async () => {
      const writer = writerOf({ maxWaitMs: 60_000 });
      await writer.add(1);
      await writer.add(2);
      expect(store.batches).toEqual([[1], [2]]);
      expect(writer.backlog).toBe(0);
    });

    it('puts items that are added in one go into one batch', async () => {
      const writer = writerOf();
      await Promise.all(numbers(50).map((item) => writer.add(item)));
      expect(store.batches).toEqual([numbers(50)]);
    });

    it('gathers the items that come during a write, and writes them after maxWaitMs', async () => {
      store.gate = new Gate();
      const writer = writerOf({ maxWaitMs: 5 });
      const first = writer.add(0);
      await Promise.resolve();
      const rest = [1, 2, 3].map((item) => writer.add(item));
      store.gate.open();
      await Promise.all([first, ...rest]);
      expect(store.batches).toEqual([[0], [1, 2, 3]]);
    });

    it('writes immediately when a batch is full', async () => {
      store.gate = new Gate();
      const writer = writerOf({ maxBatchItems: 10, maxWaitMs: 60_000 });
      const first = writer.add(0);
      await Promise.resolve();
      store.gate.open();
      await first;
      const rest = numbers(10).map((item) => writer.add(item));
      await Promise.all(rest);
      expect(store.batches.map((batch) => batch.length)).toEqual([1, 10]);
    });

    it('writes an item that somebody waits for, and those before it, without gathering', async () => {
      store.gate = new Gate();
      const writer = writerOf({ maxWaitMs: 3_600_000 });
      const first = writer.add(0);
      await Promise.resolve();
      const duringWrite = [writer.add(1), writer.add(2, true), writer.add(3)];
      store.gate.open();
      await Promise.all([first, ...duringWrite]);
      store.gate = new Gate();
      const fourth = writer.add(4);
      await Promise.resolve();
      const gathering = writer.add(5);
      store.gate.open();
      await fourth;
      await Promise.all([gathering, writer.add(6, true)]);
      expect(store.batches).toEqual([[0], [1, 2, 3], [4], [5, 6]]);
    });

    it('gathers again after the item that somebody waited for is stored', async () => {
      store.gate = new Gate();
      const writer = writerOf({ maxBatchItems: 3, maxWaitMs: 3_600_000 });
      const first = writer.add(0);
      await Promise.resolve();
      const awaited = writer.add(1, true);
      store.gate.open();
      await Promise.all([first, awaited]);
      store.gate = new Gate();
      const second = writer.add(2);
      await Promise.resolve();
      const waiting = writer.add(3);
      store.gate.open();
      await second;
      await Promise.all([waiting, writer.add(4), writer.add(5)]);
      expect(store.batches).toEqual([[0], [1], [2], [3, 4, 5]]);
    });

    it('limits a batch in items and in bytes, and writes a larger item alone', async () => {
      const writer = writerOf({ maxBatchItems: 3, maxBatchBytes: 10, sizeOf: (item) => item });
      await Promise.all([1, 1, 1, 1, 9, 50, 4].map((item) => writer.add(item)));
      expect(store.batches).toEqual([[1, 1, 1], [1, 9], [50], [4]]);
    });

    it('keeps the order in which items came', async () => {
      const writer = writerOf({ maxBatchItems: 7, maxWaitMs: 1 });
      await Promise.all(numbers(1000).map((item) => writer.add(item)));
      expect(store.stored).toEqual(numbers(1000));
    });

    it('writes full batches of a backlog one after the other, without waiting', async () => {
      const writer = writerOf({ maxBatchItems: 100, maxBacklogItems: 30_000, maxWaitMs: 3_600_000 });
      await Promise.all(numbers(20_000).map((item) => writer.add(item)));
      expect(store.batches).toHaveLength(200);
    });
  });

  describe('while storage is unavailable', () => {
    it('tries the same batch again until it is stored, and neither loses nor repeats an item', async () => {
      let failures = 5;
      const seen: number[] = [];
      store.fail = () => (failures-- > 0 ? away() : undefined);
      const recovered: number[] = [];
      const writer = writerOf({
        onRetry: (_, attempt) => seen.push(attempt),
        onRecovered: (attempts) => recovered.push(attempts),
      });
      await Promise.all(numbers(250).map((item) => writer.add(item)));
      expect(store.stored).toEqual(numbers(250));
      expect(seen).toEqual([1, 2, 3, 4, 5]);
      expect(recovered).toEqual([5]);
    });

    it('keeps its pause before the next attempt when new items come', async () => {
      let attempts = 0;
      store.fail = () => {
        attempts += 1;
        return away();
      };
      const retried = new Gate();
      const writer = writerOf({ retryMs: 60_000, maxRetryMs: 60_000, onRetry: () => retried.open() });
      void writer.add(0);
      await retried.opened;
      for (const item of numbers(500)) void writer.add(item);
      await new Promise((resolve) => setImmediate(resolve));
      expect(attempts).toBe(1);
      expect(await writer.close(1)).toHaveLength(501);
    });

    it('says for how long its oldest item has waited, also while storage is unavailable', async () => {
      let isAway = true;
      store.fail = () => (isAway ? away() : undefined);
      const retried = new Gate();
      const writer = writerOf({ onRetry: (_error, attempt) => attempt > 2 && retried.open() });
      expect(writer.oldestMs).toBe(0);
      const stored = writer.add(1);
      await retried.opened;
      const waited = writer.oldestMs;
      expect(waited).toBeGreaterThan(0);
      void writer.add(2);
      expect(writer.oldestMs).toBeGreaterThanOrEqual(waited);
      isAway = false;
      await stored;
      await writer.flush(1_000);
      expect(writer.oldestMs).toBe(0);
    });

    it('refuses items that the backlog has no room for, and lets a producer wait for room', async () => {
      store.gate = new Gate();
      const writer = writerOf({ maxBacklogItems: 4 });
      const kept = numbers(4).map((item) => writer.add(item));
      expect(writer.isFull).toBe(true);
      await expect(writer.add(99)).rejects.toThrow(WriterFullError);
      const ready = writer.whenReady();
      store.gate.open();
      await ready;
      expect(writer.isFull).toBe(false);
      await Promise.all([...kept, writer.add(5)]);
      expect(store.stored).toEqual([0, 1, 2, 3, 5]);
    });

    it('limits the backlog in bytes, too', async () => {
      store.gate = new Gate();
      const writer = writerOf({ maxBacklogBytes: 100, sizeOf: (item) => item });
      void writer.add(100);
      expect(writer.isFull).toBe(true);
      await expect(writer.add(1)).rejects.toThrow('the backlog is full (1 items, 100 bytes)');
      store.gate.open();
      expect(await writer.flush(5_000)).toBe(true);
      expect(writer.isFull).toBe(false);
    });

    it('abandons a write that hangs and tries again', async () => {
      let calls = 0;
      const writer = writerOf({
        writeTimeoutMs: 5,
        write: (items) => (++calls === 1 ? new Promise(() => undefined) : store.write(items)),
      });
      await writer.add(1);
      expect(store.batches).toEqual([[1]]);
      expect(calls).toBe(2);
    });
  });

  describe('an item that the storage refuses', () => {
    it('is refused alone and reported with its error, and the items around it are stored', async () => {
      store.fail = (items) => (items.includes(37) || items.includes(80) ? bad() : undefined);
      const refused: number[] = [];
      const writer = writerOf({ onRefused: (item) => refused.push(item) });
      const results = await Promise.allSettled(numbers(100).map((item) => writer.add(item)));
      expect(refused).toEqual([37, 80]);
      expect(store.stored).toEqual(numbers(100).filter((item) => item !== 37 && item !== 80));
      const rejected = results[37];
      expect(rejected).toMatchObject({ status: 'rejected', reason: expect.any(WriteRefusedError) });
      expect(rejected).toMatchObject({ reason: { cause: { code: '22P02' } } });
    });

    it('does not stop the writer if onRefused throws', async () => {
      store.fail = (items) => (items.includes(1) ? bad() : undefined);
      const writer = writerOf({
        onRefused: () => {
          throw new Error('logger broke');
        },
      });
      await expect(writer.add(1)).rejects.toThrow(WriteRefusedError);
      await writer.add(2);
      expect(store.stored).toEqual([2]);
    });

    it('is refused, too, if write throws before it returns a promise', async () => {
      const writer = writerOf({
        write: () => {
          throw new TypeError('Do not know how to serialize a BigInt');
        },
      });
      await expect(writer.add(1)).rejects.toThrow(WriteRefusedError);
    });
  });

  describe('flush and close', () => {
    it('flush waits for the items added before it, and not for later ones', async () => {
      const gates = [new Gate(), new Gate()];
      let call = 0;
      const writer = writerOf({
        write: async (items) => {
          await gates[call++]?.opened;
          await store.write(items);
        },
      });
      void writer.add(1);
      await Promise.resolve();
      const flushed = writer.flush(5_000);
      void writer.add(2);
      gates[0]?.open();
      expect(await flushed).toBe(true);
      expect(store.stored).toEqual([1]);
      gates[1]?.open();
      expect(await writer.flush(5_000)).toBe(true);
      expect(store.stored).toEqual([1, 2]);
    });

    it('flush returns false after its timeout, and the write continues', async () => {
      store.gate = new Gate();
      const writer = writerOf();
      const stored = writer.add(1);
      expect(await writer.flush(1)).toBe(false);
      store.gate.open();
      await stored;
      expect(store.stored).toEqual([1]);
    });

    it('close returns the items that could not be stored, in order, and rejects their promises', async () => {
      store.fail = () => away();
      const writer = writerOf({ maxBatchItems: 2 });
      const results = Promise.allSettled([1, 2, 3].map((item) => writer.add(item)));
      expect(await writer.close(5)).toEqual([1, 2, 3]);
      for (const result of await results) {
        expect(result).toMatchObject({ status: 'rejected', reason: expect.any(WriterClosedError) });
      }
      expect(writer.backlog).toBe(0);
    });

    it('close returns only the items that remain after a part of the batch was stored', async () => {
      store.fail = (items) => (items.length > 1 ? bad() : items[0] === 1 ? undefined : away());
      const writer = writerOf();
      void writer.add(1);
      void writer.add(2);
      expect(await writer.close(20)).toEqual([2]);
      expect(store.stored).toEqual([1]);
    });

    it('close stores everything immediately if it has time, and refuses later items', async () => {
      const writer = writerOf({ maxWaitMs: 60_000 });
      for (const item of numbers(150)) void writer.add(item);
      expect(await writer.close(5_000)).toEqual([]);
      expect(store.stored).toEqual(numbers(150));
      await expect(writer.add(1)).rejects.toThrow(WriterClosedError);
      expect(await writer.close(5_000)).toEqual([]);
    });

    it('close ends the wait of a producer for room', async () => {
      store.gate = new Gate();
      const writer = writerOf({ maxBacklogItems: 1 });
      void writer.add(1);
      const ready = writer.whenReady();
      const closed = writer.close(5_000);
      await ready;
      store.gate.open();
      expect(await closed).toEqual([]);
    });

    it('a refused item causes no unhandled rejection if its caller does not wait for it', async () => {
      const unhandled: unknown[] = [];
      const listener = (reason: unknown): number => unhandled.push(reason);
      process.on('unhandledRejection', listener);
      store.fail = () => bad();
      const writer = writerOf();
      void writer.add(1);
      await writer.close(1_000);
      void writer.add(2);
      await new Promise((resolve) => setImmediate(resolve));
      process.off('unhandledRejection', listener);
      expect(unhandled).toEqual([]);
    });
  });

  describe('a backlog of several tenants', () => {
    interface Item {
      tenant: string;
      name: string;
    }
    const sharedWriter = (options: Partial<BatchingWriterOptions<Item>> = {}) => {
      const gate = new Gate();
      const stored: string[] = [];
      const displaced: string[] = [];
      const writer = new BatchingWriter<Item>({
        name: 'shared',
        write: async (items) => {
          await gate.opened;
          stored.push(...items.map(({ name }) => name));
        },
        tenantOf: ({ tenant }) => tenant,
        onDisplaced: ({ name }) => displaced.push(name),
        maxBatchItems: 1,
        maxBacklogItems: 6,
        ...options,
      });
      const add = (tenant: string, count: number) =>
        numbers(count).map((i) =>
          writer.add({ tenant, name: `${tenant}${i}` }).then(
            () => 'stored',
            (error: { code: string }) => error.code,
          ),
        );
      return { gate, stored, displaced, writer, add };
    };

    it('gives a quiet tenant the place of the newest item of the tenant with the most items', async () => {
      const { gate, stored, displaced, writer, add } = sharedWriter();
      const loud = add('loud', 7);
      expect(writer.isFullFor('loud')).toBe(true);
      expect(writer.isFullFor('quiet')).toBe(false);
      const quiet = add('quiet', 2);
      expect(displaced).toEqual(['loud5', 'loud4']);
      gate.open();
      expect(await Promise.all(quiet)).toEqual(['stored', 'stored']);
      expect(await Promise.all(loud)).toEqual([
        ...numbers(4).map(() => 'stored'),
        ...numbers(3).map(() => 'writer-full'),
      ]);
      expect(stored).toEqual(['loud0', 'loud1', 'loud2', 'loud3', 'quiet0', 'quiet1']);
      expect(writer.backlog).toBe(0);
    });

    it('takes the place of an item of the tenant with the most bytes if the limit in bytes is reached', async () => {
      const { gate, displaced, add } = sharedWriter({
        maxBacklogItems: 1_000,
        maxBacklogBytes: 1_000,
        sizeOf: ({ tenant }) => (tenant === 'large' ? 300 : 1),
      });
      const all = [...add('small', 20), ...add('large', 4)];
      expect(displaced).toEqual([]);
      all.push(...add('quiet', 1));
      expect(displaced).toEqual(['large3']);
      gate.open();
      await Promise.all(all);
    });

    it('lets a flush wait for the items before it, even if some of them give way', async () => {
      const { gate, writer, add, stored } = sharedWriter();
      const loud = add('loud', 6);
      const flushed = writer.flush(60_000).then(() => stored.length);
      const quiet = add('quiet', 2);
      gate.open();
      expect(await flushed).toBeGreaterThanOrEqual(4);
      await Promise.all([...loud, ...quiet]);
    });

    it('keeps nothing of items that gave way', async () => {
      const { gate, writer, add } = sharedWriter({ maxBacklogItems: 100 });
      const all = add('loud', 100);
      for (const tenant of numbers(500)) all.push(...add(`tenant-${tenant}`, 1));
      const { waiting } = writer as unknown as {
        waiting: { order: { length: number }; lanes: Map<string, unknown> };
      };
      expect(waiting.order.length).toBeLessThanOrEqual(2 * 100 + 64);
      expect(waiting.lanes.size).toBeLessThanOrEqual(100);
      gate.open();
      await Promise.all(all);
      expect(waiting.lanes.size).toBe(0);
    });
  });
});

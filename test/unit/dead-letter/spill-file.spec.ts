import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { newDeadLetter } from '../../../lib/dead-letter/new-dead-letter.js';
import { RetryStrategy } from '../../../lib/dead-letter/retry/retry.strategy.js';
import { SpillFile } from '../../../lib/dead-letter/spill/spill.file.js';
import type { SpilledRecord } from '../../../lib/dead-letter/spill/spill.format.js';
import { queuedEvent } from '../../support/queued-events.js';

jest.mock('node:fs', () => {
  const real = jest.requireActual<typeof fs>('node:fs');
  return { ...real, openSync: jest.fn(real.openSync), writeSync: jest.fn(real.writeSync) };
});
const real = jest.requireActual<typeof fs>('node:fs');
const open = jest.mocked(fs.openSync);
const write = jest.mocked(fs.writeSync) as unknown as jest.MockedFunction<
  (descriptor: number, text: Buffer, offset: number) => number
>;

const refuse = (code: string): never => {
  throw Object.assign(new Error(`${code}: refused`), { code });
};
const strategy = new RetryStrategy({
  maxRetries: 3,
  initialDelayMs: 1_000,
  maxDelayMs: 1_000,
  backoffFactor: 1,
  jitter: 0,
} as never);
const record = (): SpilledRecord => ({
  deadLetter: newDeadLetter(
    queuedEvent({ scriptId: uuid() }),
    { reason: 'shutdown', message: 'Stopped.' },
    strategy,
  ),
});

describe('a spill file', () => {
  let folder: string;
  /** Makes the disk full: so many more bytes have room. */
  const fill = (room: number): void => {
    let left = room;
    write.mockImplementation((descriptor, text, offset) => {
      if (left === 0) refuse('ENOSPC');
      const length = Math.min(left, text.length - offset);
      left -= length;
      return real.writeSync(descriptor, text, offset, length);
    });
  };

  beforeEach(() => {
    folder = real.mkdtempSync(join(tmpdir(), 'scripts-event-spill-file-'));
    open.mockImplementation(real.openSync);
    write.mockImplementation(real.writeSync as never);
  });
  afterEach(() => real.rmSync(folder, { recursive: true }));

  it('ends with a whole line when the disk is full in the middle of one', () => {
    const file = new SpillFile(folder, 1_000_000);
    expect(file.add(record())).toBe(true);
    fill(50);
    expect(file.add(record())).toBe(false);
    expect(file.error).toMatchObject({ code: 'ENOSPC' });
    file.finish();
    const lines = real.readFileSync(file.path, 'utf8').split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toBe('');
  });

  it('leaves nothing behind when the disk has no room for its first line', () => {
    const file = new SpillFile(folder, 1_000_000);
    fill(5);
    expect(file.add(record())).toBe(false);
    file.finish();
    expect(real.readdirSync(folder)).toEqual([]);
  });

  it('is written although no file descriptor is free at the stop', () => {
    // A descriptor is free again only once another one is closed.
    const file = new SpillFile(folder, 1_000_000);
    const reserved = open.mock.results.at(-1)!.value as number;
    const isOpen = (): boolean => {
      try {
        real.fstatSync(reserved);
        return true;
      } catch {
        return false;
      }
    };
    open.mockImplementation((...args) => (isOpen() ? refuse('EMFILE') : real.openSync(...args)));
    expect(file.add(record())).toBe(true);
    file.finish();
    expect(real.readdirSync(folder)).toHaveLength(1);
  });
});

import { chmod, mkdtemp, readdir, readFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { WriteRefusedError, WriterClosedError } from '../../../lib/common/batching-writer.errors.js';
import type { DeadLetterWriter } from '../../../lib/dead-letter/dead-letter.writer.js';
import type { NewDeadLetter } from '../../../lib/dead-letter/dead-letter.types.js';
import { newDeadLetter } from '../../../lib/dead-letter/new-dead-letter.js';
import { RetryStrategy } from '../../../lib/dead-letter/retry/retry.strategy.js';
import { Spill } from '../../../lib/dead-letter/spill/spill.js';
import type { ExecutionWriter } from '../../../lib/execution/execution.writer.js';
import { queuedEvent } from '../../support/queued-events.js';
import { waitFor } from '../../support/wait-for.js';

const strategy = new RetryStrategy({
  maxRetries: 3,
  initialDelayMs: 1_000,
  maxDelayMs: 1_000,
  backoffFactor: 1,
  jitter: 0,
} as never);
const letter = (): NewDeadLetter =>
  newDeadLetter(queuedEvent({ scriptId: uuid() }), { reason: 'shutdown', message: 'Stopped.' }, strategy);

/** A writer whose answers a test sets. */
class FakeWriter {
  readonly stored: string[] = [];
  answer: (id: string) => Error | undefined = () => undefined;
  rescue: (record: unknown) => boolean = () => false;

  isFullFor = () => false;
  rescueWith = (rescue: (record: never) => boolean) =>
    void (this.rescue = rescue as (record: unknown) => boolean);
  add = async ({ id }: { id: string }) => {
    const error = this.answer(id);
    if (error) throw error;
    if (!this.stored.includes(id)) this.stored.push(id);
  };
}

let folder: string;
let writer: FakeWriter;
let errors: jest.SpyInstance;
const spillOf = (maxBytes = 1_000_000) => {
  const executions = new FakeWriter();
  return new Spill(
    { folder, maxBytes },
    writer as unknown as DeadLetterWriter,
    executions as unknown as ExecutionWriter,
  );
};

/** Makes a spill file of these dead letters, as a stop does. */
function spilled(letters: readonly NewDeadLetter[]): string {
  const spill = spillOf();
  spill.open();
  for (const one of letters) expect(writer.rescue(one)).toBe(true);
  const { path, deadLetters } = spill.finish();
  expect(deadLetters).toBe(letters.length);
  return path!;
}

const takenUp = async (left: RegExp | null): Promise<void> => {
  spillOf().takeUp();
  await waitFor('the folder is as it should be', async () => {
    const names = await readdir(folder);
    return left === null ? names.length === 0 : names.length === 1 && left.test(names[0]!);
  });
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spill-'));
  writer = new FakeWriter();
  errors = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  for (const level of ['log', 'warn'] as const)
    jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

describe('a spill file', () => {
  it('is imported under the original ids, and deleted', async () => {
    const letters = Array.from({ length: 250 }, letter);
    spilled(letters);
    await takenUp(null);
    expect(writer.stored).toEqual(letters.map(({ id }) => id));
    expect(errors).not.toHaveBeenCalled();
  });

  it('is not made if there is nothing to keep', async () => {
    const spill = spillOf();
    spill.open();
    expect(spill.finish()).toEqual({ deadLetters: 0, executions: 0, path: null });
    expect(await readdir(folder)).toEqual([]);
  });

  it('has at most maxBytes: further dead letters are refused', () => {
    const spill = spillOf(1_500);
    spill.open();
    const taken = Array.from({ length: 5 }, () => writer.rescue(letter()));
    expect(taken.filter(Boolean).length).toBeGreaterThan(0);
    expect(taken).toContain(false);
    expect(spill.finish().deadLetters).toBe(taken.filter(Boolean).length);
  });

  it('stays for the next start if the application stops before everything is stored', async () => {
    const path = spilled([letter(), letter()]);
    let refused = 0;
    writer.answer = () => {
      refused += 1;
      return new WriterClosedError('dead letters');
    };
    const before = await readFile(path, 'utf8');
    const spill = spillOf();
    spill.takeUp();
    await spill['taking'];
    expect(refused).toBeGreaterThan(0);
    writer.answer = () => undefined;
    expect(await readFile(path, 'utf8')).toBe(before);
    await takenUp(null);
    expect(writer.stored).toHaveLength(2);
  });

  it('whose process was killed in the middle of a line is imported without that line, once it has not changed for a while', async () => {
    const letters = [letter(), letter(), letter()];
    const path = spilled(letters);
    const whole = await readFile(path);
    await rm(path);
    await writeFile(`${path}.part`, whole, { mode: 0o600 });
    await truncate(`${path}.part`, whole.length - 20);
    // Files are taken up by name: once the later one is imported, the earlier one was looked at.
    const later = letter();
    await rename(spilled([later]), join(folder, 'scripts-event-~.jsonl'));
    spillOf().takeUp();
    await waitFor('the later file is imported', async () => (await readdir(folder)).length === 1);
    expect(writer.stored).toEqual([later.id]);
    writer.stored.length = 0;
    const then = new Date(Date.now() - 120_000);
    await utimes(`${path}.part`, then, then);
    await takenUp(null);
    expect(writer.stored).toEqual([letters[0]!.id, letters[1]!.id]);
  });

  it.each([
    ['of another version', (text: string) => text.replace('"version":1', '"version":2'), 0],
    ['with other content', () => 'hello\nworld\n', 0],
    ['that is empty', () => '', 0],
    ['with a damaged line', (text: string) => text.replace('"deadLetter"', '"deadLettr"'), 1],
    ['with a line that is no JSON', (text: string) => text.replace('{"deadLetter"', '{deadLetter'), 1],
  ])(
    '%s is renamed to .unreadable and logged, and its readable records are imported',
    async (_what, change, stored) => {
      const path = spilled([letter(), letter()]);
      await writeFile(path, change(await readFile(path, 'utf8')));
      await takenUp(/\.unreadable$/);
      expect(writer.stored).toHaveLength(stored);
      expect(String(errors.mock.calls)).toContain(path);
    },
  );

  it('is renamed to .unreadable if the database refuses one of its records', async () => {
    const letters = [letter(), letter()];
    spilled(letters);
    writer.answer = (id) =>
      id === letters[0]!.id ? new WriteRefusedError('dead letters', new Error()) : undefined;
    await takenUp(/\.unreadable$/);
    expect(writer.stored).toEqual([letters[1]!.id]);
  });

  it('that other users may write to is not imported', async () => {
    const path = spilled([letter()]);
    await chmod(path, 0o666);
    await takenUp(/\.unreadable$/);
    expect(writer.stored).toEqual([]);
  });
});

import { Logger } from '@nestjs/common';
import type { QueuedEvent } from '../../../lib/buffer/queued-event.js';
import type { DeadLetterFailure } from '../../../lib/dead-letter/new-dead-letter.js';
import { MemoryProcessor } from '../../../lib/routing/memory.processor.js';
import { ScriptStorageAwayError } from '../../../lib/scripts/script.errors.js';
import { awayError } from '../../support/away-error.js';
import { queuedEvent } from '../../support/queued-events.js';

const NEVER_STOPS = new AbortController().signal;

describe('a queued event that could not be started', () => {
  let logged: jest.SpyInstance;

  beforeEach(() => {
    logged = jest.spyOn(Logger.prototype, 'error').mockImplementation();
  });

  afterEach(() => jest.restoreAllMocks());

  /** What is kept of an event whose start fails with `error`. */
  async function keptAfter(error: unknown, signal = NEVER_STOPS): Promise<DeadLetterFailure[]> {
    const kept: DeadLetterFailure[] = [];
    const processor = new MemoryProcessor(
      { putsBack: false } as never,
      { run: jest.fn().mockRejectedValue(error) } as never,
      {
        isFullFor: () => false,
        keep: (_event: QueuedEvent, failure: DeadLetterFailure) => {
          kept.push(failure);
          return Promise.resolve();
        },
      } as never,
      { nameOf: () => 'Welcome' } as never,
      {} as never,
    );
    expect(await processor.process(queuedEvent(), signal)).toBe('kept');
    return kept;
  }

  it.each([
    ['the source is not in memory', new ScriptStorageAwayError(awayError())],
    ['the driver reports it', awayError()],
  ])('is kept with the reason that the database was unavailable if %s', async (_when, error) => {
    expect(await keptAfter(error)).toEqual([
      {
        reason: 'failed',
        kind: 'cancelled',
        message: 'The script could not be started because the database was unavailable.',
      },
    ]);
  });

  it('is kept with a reference to the log, which has the reason, if the start failed for another reason', async () => {
    const [failure] = await keptAfter(new TypeError('SELECT secret: x is not a function'));
    expect(failure).toEqual({
      reason: 'failed',
      kind: 'cancelled',
      message:
        'The script could not be started. The script is not the cause; see the log of the application.',
    });
    expect(String(logged.mock.calls[0]?.[0])).toMatch(/"?Welcome"?.*SELECT secret: x is not a function/);
  });

  it('is kept for the next start, without a line in the log, if the application stops', async () => {
    expect(await keptAfter(awayError(), AbortSignal.abort())).toMatchObject([{ reason: 'shutdown' }]);
    expect(logged).not.toHaveBeenCalled();
  });
});

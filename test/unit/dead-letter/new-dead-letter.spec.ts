import { MAX_ERROR_CHARACTERS, newDeadLetter } from '../../../lib/dead-letter/new-dead-letter.js';
import { RetryStrategy } from '../../../lib/dead-letter/retry/retry.strategy.js';
import { queuedEvent } from '../../support/queued-events.js';

const strategy = new RetryStrategy({ jitter: 0 });
const event = queuedEvent({ actor: { id: 'user-7' } });

describe('newDeadLetter', () => {
  it('keeps everything that the event needs to run again', () => {
    const { id, type, actor: _, attempt: __, enqueuedAt: ___, ...same } = event;
    expect(
      newDeadLetter(event, { reason: 'overflow', message: 'the buffer is full' }, strategy),
    ).toMatchObject({
      ...same,
      eventId: id,
      eventType: type,
      actorId: 'user-7',
      scriptVersion: null,
      errorKind: null,
      maxRetries: 3,
    });
  });

  it('sets the time of the first retry on the first failure', () => {
    const failed = {
      reason: 'failed',
      kind: 'runtime',
      message: 'no',
      scriptVersion: 4,
      durationMs: 12,
    } as const;
    const entry = newDeadLetter(event, failed, strategy);
    expect(entry).toMatchObject({
      status: 'pending',
      retryDelayMs: 60_000,
      scriptVersion: 4,
      errorKind: 'runtime',
    });
    expect(entry.attempts).toEqual([
      { at: expect.any(String), kind: 'runtime', message: 'no', durationMs: 12, trigger: 'event' },
    ]);
  });

  it.each(['overflow', 'shutdown', 'paused'] as const)(
    'plans an immediate retry for the reason %s',
    (reason) => {
      expect(newDeadLetter(event, { reason, message: 'x' }, strategy)).toMatchObject({
        status: 'pending',
        retryDelayMs: 0,
      });
    },
  );

  it('plans an immediate retry of a run that a shutdown cancelled, and keeps its kind of error', () => {
    const cancelled = { reason: 'shutdown', kind: 'cancelled', message: 'stopped' } as const;
    expect(newDeadLetter(event, cancelled, strategy)).toMatchObject({
      status: 'pending',
      retryDelayMs: 0,
      reason: 'shutdown',
      errorKind: 'cancelled',
    });
  });

  it('immediately exhausts loops and failures that a retry would repeat, and discards events of deleted scripts', () => {
    const statusOf = (failure: Parameters<typeof newDeadLetter>[1]): string =>
      newDeadLetter(event, failure, strategy).status;
    expect(statusOf({ reason: 'loop', message: 'x' })).toBe('exhausted');
    expect(statusOf({ reason: 'failed', kind: 'memory', message: 'x' })).toBe('exhausted');
    expect(statusOf({ reason: 'failed', kind: 'runtime', retryable: false, message: 'x' })).toBe('exhausted');
    expect(newDeadLetter(event, { reason: 'deleted', message: 'gone' }, strategy)).toMatchObject({
      status: 'discarded',
      note: 'gone',
    });
  });

  it('uses the delay that the script asked for, and exhausts the dead letter if maxRetries is 0', () => {
    const later = { reason: 'failed', kind: 'runtime', retryAfterMs: 5_000, message: 'x' } as const;
    expect(newDeadLetter(event, later, strategy).retryDelayMs).toBe(5_000);
    expect(newDeadLetter(event, later, new RetryStrategy({ maxRetries: 0 })).status).toBe('exhausted');
  });

  it('cuts a long error, and marks the cut', () => {
    const { error } = newDeadLetter(event, { reason: 'failed', message: 'x'.repeat(10_000) }, strategy);
    expect(error).toHaveLength(MAX_ERROR_CHARACTERS + ' … (cut)'.length);
    expect(error).toMatch(/… \(cut\)$/);
  });
});

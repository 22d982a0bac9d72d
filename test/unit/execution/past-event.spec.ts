import {
  ExecutionInputNotKeptError,
  ExecutionNotReplayableError,
} from '../../../lib/execution/execution.errors.js';
import type { ExecutionRecord } from '../../../lib/execution/execution.repository.js';
import { pastEventOf, replayedEvent } from '../../../lib/execution/past-event.js';
import { FixedClock } from '../../support/capture.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';

const { events } = resolveOptions({}, {});
const clock = new FixedClock();

const RECORD = {
  id: 'execution-1',
  tenantId: 'acme',
  scriptId: 'script-1',
  scriptVersion: 3,
  eventId: 'event-1',
  eventType: 'user.created',
  occurredAt: new Date('2026-01-02T03:04:05.006Z'),
  actorId: 'ann',
  depth: 2,
  input: { userId: 7 },
  attempt: 3,
  trigger: 'event',
  status: 'completed',
  replayOf: null,
} as unknown as ExecutionRecord;

describe('the event of a past execution', () => {
  it('is made from what the record keeps', () => {
    expect(pastEventOf(RECORD)).toEqual({
      id: 'event-1',
      type: 'user.created',
      tenantId: 'acme',
      payload: '{"userId":7}',
      occurredAt: '2026-01-02T03:04:05.006Z',
      actor: { id: 'ann' },
      cause: { rootEventId: 'event-1', depth: 2, budget: 0, chain: [] },
    });
  });

  it('can’t be made if the record has no input or no time of the event', () => {
    for (const part of [{ input: null }, { occurredAt: null }])
      expect(() => pastEventOf({ ...RECORD, ...part })).toThrow(ExecutionInputNotKeptError);
  });

  it('is replayed as a new event with a full budget and the same depth', () => {
    const event = replayedEvent(RECORD, events, clock);
    expect(event).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'user.created',
      tenantId: 'acme',
      scriptId: 'script-1',
      payload: '{"userId":7}',
      occurredAt: '2026-01-02T03:04:05.006Z',
      actor: { id: 'ann' },
      cause: { rootEventId: event.id, depth: 2, budget: events.maxExecutionsPerRoot, chain: [] },
      attempt: 1,
      enqueuedAt: clock.now(),
    });
    expect(replayedEvent(RECORD, events, clock).id).not.toBe(event.id);
  });
});

describe('an execution', () => {
  it.each<[string, Partial<ExecutionRecord>]>([
    ['completed by a retry', { trigger: 'retry' }],
    ['completed after a call by the host', { trigger: 'manual' }],
    ['failed after a call by the host', { trigger: 'manual', status: 'failed' }],
    ['failed as a replay of an execution', { trigger: 'replay', status: 'failed', replayOf: 'execution-0' }],
  ])('that %s can be replayed', (_what, part) => {
    expect(replayedEvent({ ...RECORD, ...part }, events, clock).type).toBe('user.created');
  });

  it.each<[string, Partial<ExecutionRecord>, string]>([
    [
      'was a test run',
      { trigger: 'test' },
      'it was a test run. Pass its input to ExecutionService.execute instead.',
    ],
    [
      'failed for an event',
      { status: 'failed' },
      "Replay the dead letter instead; find it with DeadLetterService.list({ scriptId: 'script-1', eventId: 'event-1' }).",
    ],
    ['failed as a retry', { status: 'failed', trigger: 'retry' }, 'kept as a dead letter'],
    ['failed as a replay of a dead letter', { status: 'failed', trigger: 'replay' }, 'kept as a dead letter'],
  ])('that %s can’t be replayed, and the error says why or what to do instead', (_what, part, words) => {
    const replay = () => replayedEvent({ ...RECORD, ...part }, events, clock);
    expect(replay).toThrow(ExecutionNotReplayableError);
    expect(replay).toThrow(words);
  });
});

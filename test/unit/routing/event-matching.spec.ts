import { NO_SPANS } from '../../../lib/tracing/script-spans.js';
import type { EventEnvelope } from '../../../lib/common/event-envelope.js';
import { InMemoryMetricsRecorder } from '../../../lib/metrics/in-memory.metrics.js';
import { EventMatching } from '../../../lib/routing/event-matching.js';
import { OrderingSupport } from '../../../lib/scripts/ordering-support.js';
import { ScriptIndex } from '../../../lib/scripts/script-index.js';
import { FixedClock } from '../../support/capture';

const EVENT: EventEnvelope = {
  id: 'event-1',
  type: 'user.created',
  tenantId: 'acme',
  payload: '{"userId":7,"plan":"gold"}',
  occurredAt: '2026-03-04T05:06:07.000Z',
  actor: { id: 'ada' },
  cause: { rootEventId: 'event-0', depth: 1, budget: 5, chain: [] },
};

interface Listening {
  filters?: object | null;
  orderingKey?: string | null;
}

/** The scripts of the event's tenant, in an application whose buffer keeps order or does not. */
function indexOf(scripts: readonly Listening[], keepsOrder: boolean): ScriptIndex {
  const index = new ScriptIndex(new OrderingSupport(() => keepsOrder));
  for (const [at, { filters = null, orderingKey = null }] of scripts.entries()) {
    index.put({
      id: `script-0${at}`,
      tenantId: 'acme',
      name: `Script ${at}`,
      version: 1,
      eventTypes: ['user.created'],
      filters: filters as never,
      limits: null,
      bindings: null,
      maxConcurrency: null,
      runsPerMinute: null,
      orderingKey,
      onOrderedFailure: 'block',
      revision: String(at + 1),
    });
  }
  return index;
}

const begin = (index: ScriptIndex): EventMatching =>
  new EventMatching(EVENT, index, new InMemoryMetricsRecorder(), new FixedClock(), NO_SPANS);

/** The scripts that the event is queued for, and how often its payload was parsed to find them. */
function matched(index: ScriptIndex) {
  const matching = begin(index);
  const parse = jest.spyOn(JSON, 'parse');
  expect(matching.advance(10_000)).toBe(true);
  const { queued, filtered } = matching.end();
  const parsed = parse.mock.calls.filter(([text]) => text === EVENT.payload).length;
  parse.mockRestore();
  return { queued, filtered, parsed };
}

describe('an event that is matched', () => {
  it('is queued once for each script, with its envelope and a share of its budget', () => {
    const { queued } = matched(indexOf([{}, {}], false));
    const shared = { ...EVENT, attempt: 1, enqueuedAt: expect.any(Number) as number };
    expect(queued).toEqual([
      { ...shared, scriptId: 'script-00', cause: { ...EVENT.cause, budget: 3 } },
      { ...shared, scriptId: 'script-01', cause: { ...EVENT.cause, budget: 2 } },
    ]);
  });

  it('is not parsed for scripts without a filter', () => {
    const { queued, parsed } = matched(indexOf([{}, {}], false));
    expect({ queued: queued.length, parsed }).toEqual({ queued: 2, parsed: 0 });
  });

  it('is parsed once for all scripts with a filter', () => {
    const filters = { plan: 'gold' };
    const { queued, filtered, parsed } = matched(
      indexOf([{}, { filters }, { filters }, { filters: { plan: 'free' } }], false),
    );
    expect({ queued: queued.length, filtered, parsed }).toEqual({ queued: 3, filtered: 1, parsed: 1 });
  });

  it('is parsed for the ordering key of a script, even if no filter reads it', () => {
    const { queued, parsed } = matched(indexOf([{}, { orderingKey: 'userId' }], true));
    expect(queued.map(({ ordering }) => ordering?.key)).toEqual([undefined, '7']);
    expect(parsed).toBe(1);
  });

  it('is matched with the filters that the index had when matching began', () => {
    const index = indexOf([{}, { filters: { plan: 'free' } }], false);
    const before = begin(index);
    index.remove('script-01');
    expect(matched(index)).toMatchObject({ filtered: 0, parsed: 0 });
    before.advance(10_000);
    expect(before.end()).toMatchObject({ listening: 2, filtered: 1 });
  });
});

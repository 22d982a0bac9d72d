import { NO_SPANS } from '../../../lib/tracing/script-spans.js';
import type { QueuedEvent } from '../../../lib/buffer/queued-event.js';
import type { EventEnvelope } from '../../../lib/common/event-envelope.js';
import { MATCHING_LIMITS } from '../../../lib/filters/index.js';
import { InMemoryMetricsRecorder } from '../../../lib/metrics/in-memory.metrics.js';
import { type EventMatch, EventMatching } from '../../../lib/routing/event-matching.js';
import { type MatchingTurn, MatchingTurns, SLICE_STEPS } from '../../../lib/routing/matching-turns.js';
import { OrderingSupport } from '../../../lib/scripts/ordering-support.js';
import { ScriptIndex } from '../../../lib/scripts/script-index.js';
import { FixedClock } from '../../support/capture';
import { waitFor } from '../../support/wait-for';

const DEAR = (script: number) => ({
  or: Array.from({ length: 10 }, (_, at) => ({ a: { contains: `zz${script}-${at}` } })),
});
// A search takes 31,000 steps. (Looking at elements of lists would be as expensive, but it is slow in jest's own
// realm.)
const HEAVY = JSON.stringify({ a: 'a'.repeat(250_000) });

const SCRIPTS = 4;

let made = 0;

/** Scripts of one tenant with these filters. */
function tenant(tenantId: string, filters: (object | null)[], orders: ('block' | 'skip')[] = []) {
  const index = new ScriptIndex(new OrderingSupport(() => true));
  for (const [at, filter] of filters.entries()) {
    index.put({
      id: `${tenantId}-0${at}`,
      tenantId,
      name: `Script ${at}`,
      version: 1,
      eventTypes: ['user.created'],
      filters: filter as never,
      limits: null,
      bindings: null,
      maxConcurrency: null,
      runsPerMinute: null,
      orderingKey: orders[at] ? 'key' : null,
      onOrderedFailure: orders[at] ?? 'block',
      revision: String((made += 1)),
    });
  }
  return (payload: string): EventMatching => {
    const id = `event-${(made += 1)}`;
    const event: EventEnvelope = {
      id,
      type: 'user.created',
      tenantId,
      payload,
      occurredAt: '2026-03-04T05:06:07.000Z',
      actor: null,
      cause: { rootEventId: id, depth: 0, budget: 1_000, chain: [] },
    };
    return new EventMatching(event, index, new InMemoryMetricsRecorder(), new FixedClock(), NO_SPANS);
  };
}

/** Counts the slices that pass, and the steps that all matchings take in each. */
function watched(turns: MatchingTurns, matchings: readonly EventMatching[]) {
  const ended: string[] = [];
  const matches = new Map<string, EventMatch>();
  const slices: number[] = [];
  const sum = (): number => matchings.reduce((steps, matching) => steps + matching.steps, 0);
  const turn = (matching: EventMatching): MatchingTurn => ({
    matching,
    ended: (match) => {
      ended.push(matching.event.id);
      matches.set(matching.event.id, match);
    },
    failed: (error) => {
      throw error;
    },
    stopped: () => ended.push(`stopped ${matching.event.id}`),
  });
  let before = sum();
  let running = true;
  const look = (): void => {
    slices.push(sum() - before);
    before = sum();
    if (running) setImmediate(look);
  };
  const all = async (): Promise<void> => {
    setImmediate(look);
    await waitFor('all have been asked', async () => turns.settled(1_000));
    running = false;
    slices.push(sum() - before);
  };
  return { ended, matches, slices, turn, all };
}

describe('filters asked in turns', () => {
  it('take at most one slice and one filter in a turn of the event loop', async () => {
    const turns = new MatchingTurns();
    const hostile = tenant(
      'evil',
      Array.from({ length: SCRIPTS }, (_, at) => DEAR(at)),
    );
    const matchings = Array.from({ length: 2 }, () => hostile(HEAVY));
    const { matches, slices, turn, all } = watched(turns, matchings);
    for (const matching of matchings) turns.add('evil', turn(matching));
    await all();

    const parsing = HEAVY.length >>> 2;
    expect(Math.max(...slices)).toBeLessThanOrEqual(parsing + SLICE_STEPS + MATCHING_LIMITS.filterSteps);
    expect(slices.filter((steps) => steps > 0).length).toBeGreaterThan(2 * SCRIPTS - 1);
    for (const matching of matchings) {
      expect(matching.steps).toBeLessThan(
        parsing + MATCHING_LIMITS.eventSteps + 2 * MATCHING_LIMITS.filterSteps,
      );
      // Each script is decided, or kept as undecided: none is forgotten.
      const { listening, queued, undecided } = matches.get(matching.event.id) as EventMatch;
      expect(listening).toBe(SCRIPTS);
      expect(undecided).toHaveLength(SCRIPTS);
      // One queued event for all: its size does not grow with the number of scripts.
      expect(queued).toHaveLength(1);
      const { undecided: open, scriptId, otherScriptIds = [] } = queued[0] as QueuedEvent;
      expect(open).toBe(true);
      expect([scriptId, ...otherScriptIds]).toEqual(undecided.map(({ id }) => id));
    }
  });

  it('leave the event loop to others between slices, for more turns than they take themselves', async () => {
    const turns = new MatchingTurns();
    const scripts = tenant(
      'evil',
      Array.from({ length: SCRIPTS }, (_, at) => DEAR(at)),
    );
    const matching = scripts(HEAVY);
    const { slices, turn, all } = watched(turns, [matching]);
    // A clock by which each slice takes 20 ms, as on a busy machine.
    let now = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => (now += 20));
    turns.add('evil', turn(matching));
    await all();
    clock.mockRestore();
    const taken = slices.map((steps) => steps > 0);
    const between = taken.slice(taken.indexOf(true), taken.lastIndexOf(true));
    expect(between.filter((own) => own).length).toBeGreaterThan(SCRIPTS - 1);
    expect(between.filter((own) => !own).length).toBeGreaterThan(2 * between.filter((own) => own).length);
  });

  it('leave one queued event for all undecided scripts, but one more for each script that blocks its order', async () => {
    const scripts = tenant(
      'acme',
      [null, DEAR(0), DEAR(1), DEAR(2), DEAR(3)],
      ['block', 'block', 'skip', 'block', 'skip'],
    );
    const matching = scripts(JSON.stringify({ key: 'k', ...JSON.parse(HEAVY) }));
    matching.advance(Number.MAX_SAFE_INTEGER);
    const ordering = { key: 'k', onFailure: 'block' };
    const { filtered, queued } = matching.end();
    expect(filtered).toBe(0);
    expect(queued).toMatchObject([
      { scriptId: 'acme-00', ordering },
      { scriptId: 'acme-01', ordering, undecided: true },
      { scriptId: 'acme-03', ordering, undecided: true },
      { scriptId: 'acme-02', otherScriptIds: ['acme-04'], undecided: true },
    ]);
    expect(queued.map((event) => [event.ordering !== undefined, event.otherScriptIds?.length])).toEqual([
      [true, undefined],
      [true, undefined],
      [true, undefined],
      [false, 1],
    ]);
    // The budget of the loop guard is divided over all five.
    expect(queued.map(({ cause }) => cause.budget)).toEqual([200, 200, 200, 200]);
  });

  it('let events of other tenants go first, however many events of one tenant wait', async () => {
    const turns = new MatchingTurns();
    const hostile = tenant(
      'evil',
      Array.from({ length: SCRIPTS }, (_, at) => DEAR(at)),
    );
    const good = tenant('good', [null, { a: 1 }]);
    const matchings = [...Array.from({ length: 3 }, () => hostile(HEAVY)), good('{"a":1}')];
    const { ended, matches, turn, all } = watched(turns, matchings);
    for (const matching of matchings) turns.add(matching.event.tenantId, turn(matching));
    const small = matchings.at(-1) as EventMatching;
    await waitFor('the small one has been asked', () => matches.get(small.event.id));
    await all();
    // It was the last to come, and is the first to end.
    expect(ended[0]).toBe(small.event.id);
    expect(matches.get(small.event.id)?.queued.map(({ scriptId }) => scriptId)).toEqual([
      'good-00',
      'good-01',
    ]);
  });

  it('keep the order of a tenant’s events', async () => {
    const turns = new MatchingTurns();
    const scripts = tenant('acme', [null, DEAR(0)]);
    const matchings = [HEAVY, '{}', HEAVY, '{}', '{}'].map((payload) => scripts(payload));
    const { ended, turn, all } = watched(turns, matchings);
    for (const matching of matchings) turns.add('acme', turn(matching));
    expect(turns.isBusy('acme')).toBe(true);
    await all();
    expect(ended).toEqual(matchings.map(({ event }) => event.id));
    expect(turns.isBusy('acme')).toBe(false);
  });

  it('accept at most 16 MiB of waiting events of a tenant, and return false for more', () => {
    const turns = new MatchingTurns();
    const scripts = tenant('acme', [DEAR(0)]);
    const payload = JSON.stringify({ a: 'x'.repeat(1_000_000) });
    const { turn } = watched(turns, []);
    const taken = Array.from({ length: 30 }, () => turns.add('acme', turn(scripts(payload))));
    expect(taken.indexOf(false)).toBe(16);
    expect(turns.add('other', turn(scripts(payload)))).toBe(true);
    turns.stop();
  });

  it('report every waiting event when they are stopped', async () => {
    const turns = new MatchingTurns();
    const scripts = tenant('acme', [DEAR(0), DEAR(1)]);
    const matchings = Array.from({ length: 3 }, () => scripts(HEAVY));
    const { ended, turn } = watched(turns, matchings);
    for (const matching of matchings) turns.add('acme', turn(matching));
    turns.stop();
    expect(ended).toEqual(matchings.map(({ event }) => `stopped ${event.id}`));
    expect(await turns.settled(0)).toBe(true);
    const { queued, undecided } = (matchings[0] as EventMatching).end();
    expect(undecided).toHaveLength(2);
    expect(queued.every((event) => event.undecided)).toBe(true);
  });
});

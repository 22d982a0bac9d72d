import { lineAsText } from '../../../lib/common/log-line.js';
import type { EventTrace } from '../../../lib/common/event-trace.js';
import { ThrottledLog } from '../../../lib/common/throttled-log.js';
import { FakeClock } from '../../../lib/testing/index.js';
import { GuardedTracing } from '../../../lib/tracing/script-span.js';
import { NO_SPANS, ScriptSpans, type TracedRun } from '../../../lib/tracing/script-spans.js';
import type { Tracing } from '../../../lib/tracing/tracing.js';
import { queuedEvent } from '../../support/queued-events.js';
import { keepContexts, RecordedSpans } from '../../support/recorded-spans.js';

keepContexts();

function scriptSpans(tracing: Tracing) {
  const warnings: string[] = [];
  const log = new ThrottledLog({ warn: (line) => warnings.push(lineAsText(line)) }, new FakeClock());
  const types = new Set(['user.created']);
  return { warnings, spans: new ScriptSpans(new GuardedTracing(tracing, log), types) };
}

const PLACE: EventTrace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'x=1' };
const BEFORE = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) };
const event = queuedEvent({ type: 'user.created', trace: PLACE });
const runOf = (trigger: TracedRun['trigger'], more: Partial<TracedRun> = {}): TracedRun => ({
  event,
  trigger,
  ...more,
});

describe('the span of a run', () => {
  it.each<[string, TracedRun, number, { parent?: string; links: string[] }]>([
    ['a first attempt', runOf('event'), 600_000, { parent: 'b'.repeat(16), links: ['b'.repeat(16)] }],
    [
      'an attempt after more than ten minutes in the queue',
      runOf('event'),
      600_001,
      { links: ['b'.repeat(16)] },
    ],
    ['a retry', runOf('retry', { before: BEFORE }), 0, { links: ['b'.repeat(16), 'd'.repeat(16)] }],
    ['a replay', runOf('replay'), 0, { links: ['b'.repeat(16)] }],
    ['a run by a call of the host', runOf('manual'), 0, { parent: 'b'.repeat(16), links: [] }],
    [
      'a run of an untraced event',
      runOf('event', { event: { ...event, trace: undefined } }),
      0,
      { links: [] },
    ],
    [
      'a run of an event with an invalid trace',
      runOf('event', { event: { ...event, trace: { traceparent: 7 } as never } }),
      0,
      { links: [] },
    ],
  ])('is in the right trace: %s', (_what, run, queueMs, expected) => {
    const recorded = new RecordedSpans();
    const { spans, warnings } = scriptSpans(recorded.tracing);
    spans.run(run, 1, 'execution', queueMs).end();
    const [span] = recorded.all;
    expect({ parent: span?.parent, links: span?.links }).toEqual({ parent: undefined, ...expected });
    expect(span?.traceId === 'a'.repeat(32)).toBe('parent' in expected);
    expect(warnings).toEqual([]);
  });

  it('names an event type only if the host has declared it', () => {
    const recorded = new RecordedSpans();
    const { spans } = scriptSpans(recorded.tracing);
    const invented = { ...event, type: 'secret.of-a-tenant' };
    spans.publish([{ ...invented }], undefined);
    spans.run(runOf('event', { event: invented }), 1, 'execution', 0).end();
    expect(recorded.all.map(({ name }) => name)).toEqual(['publish custom', 'process custom']);
    expect(recorded.text).not.toContain('of-a-tenant');
  });
});

describe('without tracing', () => {
  it('an event stays as it is, and an event that is published with a trace keeps it', () => {
    const made = queuedEvent();
    const before = { ...made };
    NO_SPANS.publish([made], undefined);
    expect(made).toStrictEqual(before);
    NO_SPANS.publish([made], PLACE);
    expect(made).toEqual({ ...before, trace: PLACE });
    const span = NO_SPANS.run(runOf('event'), 1, 'execution', 0);
    expect(span).toBe(NO_SPANS.run(runOf('retry'), 2, 'another', 0));
    expect(span.call('crm.find')).toBe(span);
    expect([span.trace, span.reference]).toEqual([undefined, undefined]);
  });
});

describe('a tracing that fails', () => {
  const broken = (): never => {
    throw new Error('broken');
  };

  it.each<[string, Tracing]>([
    ['everywhere', { active: broken, start: broken }],
    ['in its spans', { active: () => PLACE, start: () => ({ trace: PLACE, within: broken, end: broken }) }],
    [
      'with invalid traces',
      {
        active: () => 7 as never,
        start: () => ({ trace: { traceparent: '\0' }, within: broken, end: broken }),
      },
    ],
    [
      'by calling twice',
      { active: () => PLACE, start: () => ({ trace: PLACE, within: (fn) => (fn(), fn()), end: broken }) },
    ],
    [
      'by not calling at all',
      { active: () => PLACE, start: () => ({ trace: PLACE, within: () => undefined as never, end: broken }) },
    ],
    [
      'after calling',
      {
        active: () => PLACE,
        start: () => ({
          trace: PLACE,
          within: (fn) => {
            fn();
            return broken();
          },
          end: broken,
        }),
      },
    ],
  ])('%s still lets everything run exactly once, and is logged', async (_how, tracing) => {
    const { spans, warnings } = scriptSpans(tracing);
    spans.active();
    spans.publish([{ ...event }], undefined);
    const span = spans.run(runOf('event'), 1, 'execution', 0);
    expect([undefined, PLACE.traceparent]).toContain(span.trace?.traceparent);
    expect([undefined, 'a'.repeat(32)]).toContain(span.reference?.traceId);
    const calls: number[] = [];
    const answer = span.call('crm.find').within(() => calls.push(1));
    expect([answer, calls]).toEqual([1, [1]]);
    const failing = (): Promise<never> => Promise.reject(new Error('of the host'));
    await expect(span.within(failing)).rejects.toThrow('of the host');
    const throwing = (): never => {
      throw new Error('of the host, at once');
    };
    expect(() => span.within(throwing)).toThrow('of the host, at once');
    span.end('runtime');
    expect(warnings).toEqual([expect.stringContaining('Tracing failed')]);
  });
});

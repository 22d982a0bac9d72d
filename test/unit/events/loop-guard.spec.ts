import fc from '../../support/fast-check.js';
import type { EventCause } from '../../../lib/common/event-cause.js';
import { checkLoop, childCauses, dealOut, queuedCauses, rootCause } from '../../../lib/events/loop-guard.js';

const limits = { maxDepth: 10, onCycle: 'stop' as const };
const link = (scriptId: string) => ({ eventId: 'e', scriptId, executionId: 'x' });
const cause = (part: Partial<EventCause> = {}): EventCause => ({ ...rootCause('root', 1000), ...part });

describe('the loop guard', () => {
  it('lets an event of the host run', () => {
    expect(checkLoop(cause(), 's1', limits)).toBeNull();
  });

  it.each([
    [10, null],
    [11, 'depth'],
  ])('gives an event at depth %i the verdict %s', (depth, verdict) => {
    expect(checkLoop(cause({ depth }), 's1', limits)).toBe(verdict);
  });

  it('stops a script that is already in the chain', () => {
    const chain = [link('s1'), link('s2')];
    expect(checkLoop(cause({ chain, depth: 2 }), 's1', limits)).toBe('cycle');
    expect(checkLoop(cause({ chain, depth: 2 }), 's3', limits)).toBeNull();
  });

  it('lets a script in the chain run again if the host allows cycles, up to maxDepth', () => {
    const allow = { ...limits, onCycle: 'allow' as const };
    expect(checkLoop(cause({ chain: [link('s1')], depth: 1 }), 's1', allow)).toBeNull();
    expect(checkLoop(cause({ chain: [link('s1')], depth: 11 }), 's1', allow)).toBe('depth');
  });

  it.each([
    [1, null],
    [0, 'budget'],
    [-1, 'budget'],
    [Number.NaN, 'budget'],
  ])('gives an event with a budget of %p the verdict %s', (budget, verdict) => {
    expect(checkLoop(cause({ budget }), 's1', limits)).toBe(verdict);
  });

  it('stops each script for which no budget is left', () => {
    const verdicts = queuedCauses(cause({ budget: 2 }), 3).map((queued) => checkLoop(queued, 's', limits));
    expect(verdicts).toEqual([null, null, 'budget']);
  });
});

describe('a published event', () => {
  it('is one step deeper, with the execution added to its chain', () => {
    const parent = cause({ budget: 501, depth: 1, chain: [link('s0')] });
    const execution = { event: { id: 'e1', cause: parent }, scriptId: 's1', executionId: 'x1' };
    expect(childCauses(execution, 2)).toEqual([
      {
        rootEventId: 'root',
        depth: 2,
        budget: 250,
        chain: [link('s0'), { eventId: 'e1', scriptId: 's1', executionId: 'x1' }],
      },
      expect.objectContaining({ budget: 250 }),
    ]);
    expect(parent.chain).toHaveLength(1);
  });

  it('has no budget if its execution used up the last of it', () => {
    const execution = { event: { id: 'e1', cause: cause({ budget: 1 }) }, scriptId: 's1', executionId: 'x1' };
    expect(childCauses(execution, 3).map((child) => child.budget)).toEqual([0, 0, 0]);
  });
});

describe('the budget of an event of the host', () => {
  it('is divided evenly, without a remainder', () => {
    expect(dealOut(1000, 3)).toEqual([334, 333, 333]);
    expect(dealOut(2, 3)).toEqual([1, 1, 0]);
    expect(dealOut(-1, 2)).toEqual([0, 0]);
    expect(dealOut(5, 0)).toEqual([]);
  });

  it('limits the executions that follow from the event, whatever scripts listen and publish', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), sizes, (budget, pattern) => {
        let executions = 0;
        let turn = 0;
        const next = () => pattern[turn++ % pattern.length] ?? 0;
        const waiting = [rootCause('root', budget)];
        for (let event = waiting.pop(); event; event = waiting.pop()) {
          for (const queued of queuedCauses(event, next())) {
            if (checkLoop(queued, 's', { maxDepth: 1000, onCycle: 'allow' }) !== null) continue;
            executions++;
            const execution = { event: { id: 'e', cause: queued }, scriptId: 's', executionId: 'x' };
            waiting.push(...childCauses(execution, next()));
          }
        }
        expect(executions).toBeLessThanOrEqual(budget);
      }),
    );
  });

  it('is used up completely if each execution leads to one more', () => {
    let executions = 0;
    let [queued] = queuedCauses(rootCause('root', 25), 1);
    while (queued && checkLoop(queued, 's', { maxDepth: 100, onCycle: 'allow' }) === null) {
      executions++;
      const [child] = childCauses({ event: { id: 'e', cause: queued }, scriptId: 's', executionId: 'x' }, 1);
      [queued] = child ? queuedCauses(child, 1) : [];
    }
    expect(executions).toBe(25);
  });
});

import { DueEntries } from '../../../lib/dead-letter/retry/due-entries.js';
import type { LeasedEntry } from '../../../lib/dead-letter/retry/lease-keeper.js';
import { Gate } from '../../support/wait-for.js';

const held = (tenantId: string) => ({ entry: { tenantId } }) as unknown as LeasedEntry;

describe('the search for due dead letters', () => {
  it('runs once more if somebody asks for it while it is running', async () => {
    const late = new Gate();
    const answers = [
      async () => [held('loud')],
      async () => (await late.opened, []),
      async () => [held('quiet')],
    ];
    const claim = jest.fn(() => answers.shift()!());
    const due = new DueEntries({
      claim,
      batchSize: 20,
      places: 2,
      kept: () => 1,
      heavyTenants: () => [],
      most: 100,
    });
    expect((await due.next())?.entry.tenantId).toBe('loud');
    const next = due.next();
    due.lookAgain();
    late.open();
    expect((await next)?.entry.tenantId).toBe('quiet');
    expect(claim.mock.calls).toEqual([
      [20, []],
      [1, ['loud']],
      [1, ['loud']],
    ]);
  });
});

import { sourceDiff } from '../../../lib/scripts/source-diff.js';

const lines = (prefix: string, count: number): string =>
  Array.from({ length: count }, (_, at) => `${prefix}${at}`).join('\n');

/** Counts the turns of the event loop until the promise settles. */
async function turnsOf<T>(work: Promise<T>): Promise<{ value: T; turns: number }> {
  let turns = 0;
  const counting = setInterval(() => turns++, 0);
  const value = await work.finally(() => clearInterval(counting));
  return { value, turns };
}

describe('the diff of two sources', () => {
  it('is made line by line, and timers run meanwhile if there are many changes', async () => {
    const [before, after] = [`first\n${lines('a', 300)}\nlast`, `first\n${lines('b', 301)}\nlast`];
    const { value, turns } = await turnsOf(sourceDiff(1, before, 2, after));
    expect(value).toMatchObject({ from: 1, to: 2, added: 301, removed: 300 });
    expect(value.lines.filter(({ kind }) => kind === 'same').map(({ text }) => text)).toEqual([
      'first',
      'last',
    ]);
    expect(turns).toBeGreaterThan(100);
  });

  it('consists of all lines of both sources if more than a thousand lines differ', async () => {
    const { added, removed } = await sourceDiff(1, `same\n${lines('a', 600)}`, 2, `same\n${lines('b', 600)}`);
    expect({ added, removed }).toEqual({ added: 601, removed: 601 });
  });
});

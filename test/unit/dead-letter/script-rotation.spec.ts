import { ScriptRotation } from '../../../lib/dead-letter/store/script-rotation.js';

const id = (number: number): string => `00000000-0000-0000-0000-${String(number).padStart(12, '0')}`;
const WINDOW = 3;

/** Looks at up to three ids after a position, as the statements do. */
function look(
  ids: readonly number[],
  after: string,
): { scripts: number; last: string | null; window: string[] } {
  const window = ids
    .map(id)
    .filter((one) => one > after)
    .slice(0, WINDOW);
  return { scripts: window.length, last: window.at(-1) ?? null, window };
}

/** One round; ends early at an id in `found`, as a claim does. */
function goRound(
  rotation: ScriptRotation,
  ids: readonly number[],
  found: readonly number[] = [],
): string[][] {
  const windows: string[][] = [];
  for (const round = rotation.round(); ;) {
    const seen = look(ids, round.after);
    windows.push(seen.window);
    const more = round.saw(seen, WINDOW);
    if (!more || seen.window.some((one) => found.map(id).includes(one))) return windows;
    if (windows.length > 20) throw new Error('it goes round for ever');
  }
}

describe('ScriptRotation', () => {
  it('looks once if all scripts fit into one window', () => {
    const rotation = new ScriptRotation();
    expect(goRound(rotation, [])).toHaveLength(1);
    expect(goRound(rotation, [1, 2])).toEqual([[id(1), id(2)]]);
    expect(goRound(rotation, [1, 2])).toEqual([[id(1), id(2)]]);
  });

  it('looks at every script once in a round that finds nothing', () => {
    const seen = goRound(new ScriptRotation(), [1, 2, 3, 4, 5, 6, 7]).flat();
    expect(seen.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7].map(id));
  });

  it('continues after the window in which it found something, so that each script has its turn', () => {
    const rotation = new ScriptRotation();
    const ids = [1, 2, 3, 4, 5, 6, 7];
    expect(goRound(rotation, ids, [2])).toEqual([[1, 2, 3].map(id)]);
    expect(goRound(rotation, ids, [5])).toEqual([[4, 5, 6].map(id)]);
    expect(goRound(rotation, ids, [7])).toEqual([[id(7)]]);
    expect(goRound(rotation, ids, [1])).toEqual([[1, 2, 3].map(id)]);
  });

  it('also looks at the scripts before the place where it starts', () => {
    const rotation = new ScriptRotation();
    const ids = [1, 2, 3, 4, 5, 6, 7];
    goRound(rotation, ids, [2]);
    const seen = goRound(rotation, ids).flat();
    expect(new Set(seen)).toEqual(new Set(ids.map(id)));
    expect(goRound(rotation, ids, [1]).flat()).toContain(id(1));
  });
});

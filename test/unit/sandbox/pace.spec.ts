import { setImmediate as turn } from 'node:timers/promises';
import { Pace } from '../../../lib/sandbox/process/pace.js';

describe('Pace', () => {
  const LARGE = 40_000;
  const done: string[] = [];
  const [a, b] = [{}, {}];
  const work = (name: string, size: number) => ({ size, run: () => void done.push(name) });
  beforeEach(() => void (done.length = 0));

  test('does small work immediately', () => {
    const pace = new Pace();
    for (let n = 0; n < 100; n++) pace.do(a, work(`a${n}`, 100));
    expect(done).toHaveLength(100);
  });

  test('does each piece of large work in a turn of its own, in order, and lets owners take turns', async () => {
    const pace = new Pace();
    for (const name of ['a1', 'a2', 'a3']) pace.do(a, work(name, LARGE));
    for (const name of ['b1', 'b2']) pace.do(b, work(name, LARGE));
    expect(done).toEqual(['a1']);
    await turn();
    expect(done).toEqual(['a1', 'a2']);
    for (let n = 0; n < 3; n++) await turn();
    expect(done).toEqual(['a1', 'a2', 'b1', 'a3', 'b2']);
  });

  test('does small work after large work of the same owner, together with other small work', async () => {
    const pace = new Pace();
    for (const [name, size] of [
      ['a1', LARGE],
      ['a2', 1],
      ['a3', 1],
    ] as const)
      pace.do(a, work(name, size));
    pace.do(b, work('b1', 1));
    expect(done).toEqual(['a1']);
    await turn();
    expect(done).toEqual(['a1', 'a2', 'b1', 'a3']);
  });

  test('forgets the work of an owner that is gone', async () => {
    const pace = new Pace();
    for (const owner of [a, a, b]) pace.do(owner, work(owner === a ? 'a' : 'b', LARGE));
    pace.drop(a);
    await turn();
    await turn();
    expect(done).toEqual(['a', 'b']);
  });

  test('does large work immediately again when a turn is over', async () => {
    const pace = new Pace();
    pace.do(a, work('a1', LARGE));
    await turn();
    pace.do(a, work('a2', LARGE));
    expect(done).toEqual(['a1', 'a2']);
  });
});

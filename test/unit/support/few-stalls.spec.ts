import { proveFewStalls } from '../../sandbox/support/few-stalls';

const scripts = (count: number): string[] => Array.from({ length: count }, (_, n) => `script ${n}`);

describe('stalls of the host are counted over a whole table of hostile scripts', () => {
  it.each([
    [2, 1],
    [2, 19],
    [3, 20],
    [12, 200],
  ])('%i of %i runs may be the machine, and one more is not', (most, runs) => {
    expect(() => proveFewStalls(scripts(most), runs)).not.toThrow();
    expect(() => proveFewStalls(scripts(most + 1), runs)).toThrow(`${most + 1} of ${runs} runs stalled`);
  });

  it('tells which scripts they were', () => {
    expect(() => proveFewStalls(scripts(3), 3)).toThrow('script 0, script 1, script 2');
  });
});

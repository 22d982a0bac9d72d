import { proveFewStalls } from '../../sandbox/support/few-stalls';

const scripts = (count: number): string[] => Array.from({ length: count }, (_, n) => `script ${n}`);

describe('the check of stalls over a table of hostile scripts', () => {
  it.each([
    [2, 1],
    [2, 19],
    [3, 20],
    [12, 200],
  ])('accepts %i stalls in %i runs, and not one more', (most, runs) => {
    expect(() => proveFewStalls(scripts(most), runs)).not.toThrow();
    expect(() => proveFewStalls(scripts(most + 1), runs)).toThrow(`${most + 1} of ${runs} runs stalled`);
  });

  it('names the scripts that stalled', () => {
    expect(() => proveFewStalls(scripts(3), 3)).toThrow('script 0, script 1, script 2');
  });
});

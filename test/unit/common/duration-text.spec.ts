import { formatDuration } from '../../../lib/common/duration-text.js';
import { exactDuration } from '../../../lib/common/duration.js';

describe('a length of time', () => {
  it.each([
    [0, '0 ms'],
    [0.44, '0.4 ms'],
    [0.96, '1 ms'],
    [38.4, '38 ms'],
    [331, '331 ms'],
    [999.6, '1 s'],
    [1_234, '1.2 s'],
    [30_000, '30 s'],
    [59_960, '1 min'],
    [119_600, '2 min'],
    [125_000, '2 min 5 s'],
    [3_600_000, '1 h'],
    [12_000_000, '3 h 20 min'],
    [86_399_000, '23 h 59 min'],
    [273_600_000, '3 d 4 h'],
  ])('of %d milliseconds is shown as "%s", with spaces that do not break', (milliseconds, expected) => {
    expect(formatDuration(milliseconds)).toBe(expected.replaceAll(' ', '\u00a0'));
  });

  it.each([
    [250, '250ms'],
    [30_000, '30s'],
    [90_000, '90s'],
    [310_000, '310s'],
    [3_600_000, '1h'],
  ])('of %d milliseconds is shown as "%s" where people write it in an option', (milliseconds, expected) => {
    expect(exactDuration(milliseconds)).toBe(expected);
  });
});

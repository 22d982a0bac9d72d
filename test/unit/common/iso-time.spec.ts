import { isoTime } from '../../../lib/common/iso-time.js';

const DAY_MS = 86_400_000;

describe('the text of a time', () => {
  it.each([
    0,
    1,
    -1,
    59_999,
    60_000,
    -60_000,
    -60_001,
    951_782_399_999, // before 29 February 2000
    951_782_400_000,
    4_102_444_800_000, // the year 2100
    253_402_300_799_999, // the end of the year 9999
    253_402_300_800_000, // the year 10000, which has six digits
    -62_135_596_800_000, // the year 1
    -62_198_755_200_000, // before the year 0
    8_640_000_000_000_000,
    -8_640_000_000_000_000,
    1_700_000_000_000.9,
    -0.9,
  ])('is the same as that of a Date for %d', (time) => {
    expect(isoTime(time)).toBe(new Date(time).toISOString());
  });

  it('is the same as that of a Date for random times in random order', () => {
    for (let index = 0; index < 5_000; index += 1) {
      const around = index % 3 === 0 ? 1_764_000_000_000 : (Math.random() - 0.5) * 40_000 * 365 * DAY_MS;
      const time = Math.floor(around + Math.random() * 3 * 60_000);
      expect(isoTime(time)).toBe(new Date(time).toISOString());
    }
  });

  it('is refused for NaN and Infinity with a RangeError, as by a Date', () => {
    isoTime(0);
    expect(() => isoTime(Number.NaN)).toThrow(RangeError);
    expect(() => isoTime(Infinity)).toThrow(RangeError);
  });
});

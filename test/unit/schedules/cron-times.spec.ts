import * as fc from 'fast-check';
import { CronTimes, cronTimes, shortestInterval } from '../../../lib/schedules/cron-times.js';

const at = (text: string): number => Date.parse(text);
const iso = (moment: number | null): string | null =>
  moment === null ? null : new Date(moment).toISOString();

/** The next times after a moment. */
function after(cron: string, timezone: string, from: string, count: number): (string | null)[] {
  const times = cronTimes(cron, timezone);
  const found: (string | null)[] = [];
  for (let moment: number | null = at(from); moment !== null && found.length < count;) {
    moment = times.after(moment);
    found.push(iso(moment));
  }
  return found;
}

describe('the times of a schedule', () => {
  it('are those of its time zone', () => {
    expect(after('0 8 * * 1', 'Asia/Tashkent', '2026-11-29T20:00:00Z', 2)).toEqual([
      '2026-11-30T03:00:00.000Z',
      '2026-12-07T03:00:00.000Z',
    ]);
  });

  it('come after a given moment and never at it, to the millisecond', () => {
    const times = cronTimes('0 8 * * *', 'UTC');
    expect(iso(times.after(at('2026-03-01T07:59:59.999Z')))).toBe('2026-03-01T08:00:00.000Z');
    expect(iso(times.after(at('2026-03-01T08:00:00.000Z')))).toBe('2026-03-02T08:00:00.000Z');
    expect(iso(times.after(at('2026-03-01T08:00:00.500Z')))).toBe('2026-03-02T08:00:00.000Z');
  });

  it.each<[string, boolean]>([
    ['0 0 30 2 *', false],
    ['0 0 31 4,6,9,11 *', false],
    ['0 0 29 2 +MON#1', false],
    ['0 0 1 1 +SUN#5', false],
    ['0 0 30W 2 *', false],
    ['0 0 29 2 *', true],
    ...['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'].map((day): [string, boolean] => [
      `0 0 29 2 +${day}`,
      true,
    ]),
  ])('are known to come or never to come: %s', (cron, comes) => {
    const times = new CronTimes(cron, 'UTC');
    expect(times.comes).toBe(comes);
    expect(times.after(Date.UTC(2026, 0, 1)) !== null).toBe(comes);
  });

  it('are known never to come without a look at a thousand years', () => {
    const times = new CronTimes('0 0 29 2 +MON#1', 'UTC');
    const utc = jest.spyOn(Date, 'UTC');
    times.after(0);
    const looksOfAll = utc.mock.calls.length;
    expect(times.comes).toBe(false);
    const looks = utc.mock.calls.length - looksOfAll;
    jest.restoreAllMocks();
    expect(looks).toBeLessThan(looksOfAll / 5);
  });

  it('come in leap years only, if they are on the 29th of February', () => {
    expect(after('0 8 29 2 *', 'UTC', '2026-01-01T00:00:00Z', 2)).toEqual([
      '2028-02-29T08:00:00.000Z',
      '2032-02-29T08:00:00.000Z',
    ]);
  });

  it('that daylight saving skips come once, at the first moment after the gap', () => {
    expect(after('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
    // A list of times of day is not an interval.
    expect(after('30 2,14 * * *', 'Europe/Berlin', '2026-03-28T14:00:00Z', 3)).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-03-29T12:30:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  it('that daylight saving repeats come once, the first time', () => {
    expect(after('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
    expect(after('0,30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 3)).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:00:00.000Z',
    ]);
  });

  it('of an interval keep their distance through the repeated hour and the gap', () => {
    expect(after('*/30 * * * *', 'Europe/Berlin', '2026-10-24T23:45:00Z', 5)).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T01:30:00.000Z',
      '2026-10-25T02:00:00.000Z',
    ]);
    expect(after('*/30 * * * *', 'Europe/Berlin', '2026-03-29T00:15:00Z', 3)).toEqual([
      '2026-03-29T00:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-29T01:30:00.000Z',
    ]);
  });

  it('always get later, in every time zone and at every change of the clocks', () => {
    const crons = [
      '30 2 * * *',
      '0 2,3 * * *',
      '*/15 * * * *',
      '59 1 * * *',
      '0 0 * * *',
      '15-45/15 1-3 * * 0',
    ];
    const zones = [
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Africa/Casablanca',
      'America/Santiago',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...crons),
        fc.constantFrom(...zones),
        fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-12-31T00:00:00Z') }),
        (cron, zone, from) => {
          const times = cronTimes(cron, zone);
          let moment = from;
          for (let step = 0; step < 5; step++) {
            const next = times.after(moment);
            expect(next).toBeGreaterThan(moment);
            moment = next as number;
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('up to a moment have a last one that is found in few steps, however many there are', () => {
    const minutely = cronTimes('* * * * *', 'UTC');
    const first = at('2025-01-01T00:00:00Z');
    const until = at('2026-06-01T12:34:56Z');
    const looks = jest.spyOn(minutely, 'after');
    expect(iso(minutely.latest(first, until))).toBe('2026-06-01T12:34:00.000Z');
    expect(looks.mock.calls.length).toBeLessThan(100);
    looks.mockRestore();
    expect(iso(minutely.latest(first, first))).toBe(iso(first));
    expect(
      iso(cronTimes('0 8 29 2 *', 'UTC').latest(at('2028-02-29T08:00:00Z'), at('2031-01-01T00:00:00Z'))),
    ).toBe('2028-02-29T08:00:00.000Z');
  });

  it('up to a moment have the last one that a search one by one finds', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('*/7 * * * *', '0 8 * * 1', '30 2 * * *', '5,50 */3 * * *'),
        fc.integer({ min: 0, max: 20 * 86_400 }),
        (cron, seconds) => {
          const times = new CronTimes(cron, 'Europe/Berlin');
          const first = times.after(at('2026-03-20T00:00:00Z')) as number;
          const until = first + seconds * 1_000;
          let last = first;
          for (let next = times.after(last); next !== null && next <= until; next = times.after(last))
            last = next;
          expect(times.latest(first, until)).toBe(last);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('are counted up to a given maximum', () => {
    const minutely = cronTimes('* * * * *', 'UTC');
    const first = at('2026-01-01T00:00:00Z');
    expect(minutely.count(first, first + 180_000, 100)).toBe(3);
    expect(minutely.count(first, first + 86_400_000, 100)).toBe(100);
    expect(minutely.count(first, first, 100)).toBe(0);
  });
});

describe('the shortest interval of an expression', () => {
  it.each([
    ['* * * * *', 60_000],
    ['*/5 * * * *', 300_000],
    ['0 8 * * 1', 86_400_000],
    ['0,1 8 * * *', 60_000],
    ['0 8,20 * * *', 43_200_000],
    ['59 23 * * *', 86_400_000],
    ['0,59 0,23 * * *', 60_000],
    ['* * * * * *', 1_000],
    ['0,30 0 8 * * *', 30_000],
    ['@hourly', 3_600_000],
  ])('of %s is %d ms', (cron, expected) => {
    expect(shortestInterval(cron)).toBe(expected);
  });
});

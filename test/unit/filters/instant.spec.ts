import fc from '../../support/fast-check.js';
import { compareInstant, readInstant } from '../../../lib/filters/instant.js';

describe('readInstant', () => {
  it.each([
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2026-01-31T08:00Z', '2026-01-31T08:00:00.000Z'],
    ['2026-01-31T08:00:00.5+02:00', '2026-01-31T06:00:00.500Z'],
    ['2026-01-31T08:00:00-0330', '2026-01-31T11:30:00.000Z'],
    ['2026-01-31T23:00:00-02', '2026-02-01T01:00:00.000Z'],
    ['2026-01-31T08:00:00', '2026-01-31T08:00:00.000Z'],
    ['0001-01-01', '0001-01-01T00:00:00.000Z'],
  ])('reads %s', (text, iso) => {
    const reading = readInstant(text);
    expect(reading.kind === 'instant' && new Date(reading.instant.ms).toISOString()).toBe(iso);
  });

  it.each([
    '2026-02-30',
    '2025-02-29',
    '2026-00-10',
    '2026-01-00',
    '2026-13-01',
    '2026-01-01T25:00Z',
    '2026-01-01T10:60Z',
    '2026-01-01T10:00:60Z',
    '2026-01-01T10:00:00+24:00',
  ])('finds %s impossible', (text) => {
    expect(readInstant(text).kind).toBe('impossible');
  });

  it.each([
    '',
    '2026',
    '2026-1-1',
    '20260101',
    '2026-01-01 10:00:00Z',
    '2026-01-01T10Z',
    '2026-01-01Z',
    ' 2026-01-01',
    '2026-01-01T10:00:00.0000000001Z',
    'Jan 1 2026',
    '2026-W01-1',
  ])('does not read %j as a date', (text) => {
    expect(readInstant(text).kind).toBe('not-a-date');
  });

  it('reads every text that a Date writes as the same time', () => {
    const dates = fc.date({
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(dates, (date) => {
        expect(readInstant(date.toISOString())).toEqual({
          kind: 'instant',
          instant: { ms: date.getTime(), nanos: 0 },
          zoned: true,
        });
      }),
    );
  });

  it('distinguishes nanoseconds', () => {
    const reading = readInstant('2026-01-01T00:00:00.000000001Z');
    const instant = reading.kind === 'instant' ? reading.instant : { ms: 0, nanos: 0 };
    expect(compareInstant('2026-01-01T00:00:00.000000002Z', instant)).toBeGreaterThan(0);
    expect(compareInstant('2026-01-01T01:00:00.000000001+01:00', instant)).toBe(0);
    expect(compareInstant('2026-01-01', instant)).toBeLessThan(0);
    expect(compareInstant(0, instant)).toBeNaN();
  });
});

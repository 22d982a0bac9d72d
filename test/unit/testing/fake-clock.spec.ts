import type { Duration } from '../../../lib/common/duration.js';
import { FakeClock } from '../../../lib/testing/index.js';

const NINE = Date.parse('2026-01-31T09:00:00Z');

describe('FakeClock', () => {
  it('stays at the moment that it is given as text, as a Date or in milliseconds', () => {
    for (const moment of ['2026-01-31T09:00:00Z', new Date(NINE), NINE]) {
      expect(new FakeClock(moment).now()).toBe(NINE);
    }
  });

  it("begins at the machine's time if it is given no moment", () => {
    const before = Date.now();
    const now = new FakeClock().now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  it('advances by milliseconds or by text, and moves to a moment', () => {
    const clock = new FakeClock(NINE);
    clock.advance(250);
    expect(clock.now()).toBe(NINE + 250);
    clock.advance('1h');
    expect(clock.now()).toBe(NINE + 3_600_250);
    clock.set('2026-01-30T00:00:00Z');
    expect(clock.now()).toBe(Date.parse('2026-01-30T00:00:00Z'));
  });

  it('refuses an invalid time, and stays where it is', () => {
    const clock = new FakeClock(NINE);
    for (const by of [-1, Number.NaN, Infinity, 'soon', '-1m']) {
      expect(() => clock.advance(by as Duration)).toThrow(expect.objectContaining({ code: 'fake-clock' }));
    }
    expect(() => clock.set('tomorrow')).toThrow('Invalid time "tomorrow"');
    expect(() => new FakeClock(Number.NaN)).toThrow(expect.objectContaining({ code: 'fake-clock' }));
    expect(clock.now()).toBe(NINE);
  });
});

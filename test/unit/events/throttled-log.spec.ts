import { type Line, lineAsText } from '../../../lib/common/log-line.js';
import { ThrottledLog } from '../../../lib/common/throttled-log.js';
import { FixedClock } from '../../support/capture.js';

describe('a throttled log', () => {
  it('writes a line of the same key once a minute, with the number of lines left out', () => {
    const clock = new FixedClock();
    const lines: string[] = [];
    const log = new ThrottledLog({ warn: (line) => lines.push(lineAsText(line)) }, clock);
    for (let i = 0; i < 3; i++) log.warn('a', 'problem');
    log.warn('b', 'another');
    clock.time += 59_999;
    log.warn('a', 'problem');
    clock.time += 1;
    log.warn('a', 'problem');
    clock.time += 60_000;
    log.warn('a', 'problem');
    expect(lines).toEqual(['problem', 'another', 'problem (3 more since the previous line)', 'problem']);
  });

  it('writes errors and their counts as errors, or as warnings if the log has no errors', () => {
    const clock = new FixedClock();
    const lines: string[] = [];
    const both = {
      warn: (line: Line) => lines.push(`warn ${lineAsText(line)}`),
      error: (line: Line) => lines.push(`error ${lineAsText(line)}`),
    };
    const log = new ThrottledLog(both, clock);
    for (let i = 1; i <= 3; i++) log.error('a', `problem ${i}`);
    log.tell();
    new ThrottledLog({ warn: both.warn }, clock).error('a', 'problem');
    expect(lines).toEqual([
      'error problem 1',
      'error problem 3 (the last of 2 since the previous line)',
      'warn problem',
    ]);
  });

  describe('after the last line of a key', () => {
    beforeEach(() => void jest.useFakeTimers({ now: 0 }));
    afterEach(() => void jest.useRealTimers());

    const throttled = (lines: string[]) =>
      new ThrottledLog({ warn: (line) => lines.push(lineAsText(line)) }, { now: () => Date.now() });

    it('writes the number of lines left out once when the minute ends, and then has no timer', () => {
      const lines: string[] = [];
      const log = throttled(lines);
      for (let i = 1; i <= 5; i++) log.warn('a', `problem ${i}`);
      jest.advanceTimersByTime(60_000);
      expect(lines).toEqual(['problem 1', 'problem 5 (the last of 4 since the previous line)']);
      log.warn('a', 'problem 6');
      expect(lines).toHaveLength(2);
      jest.advanceTimersByTime(180_000);
      expect(lines.slice(2)).toEqual(['problem 6 (the last of 1 since the previous line)']);
      expect(jest.getTimerCount()).toBe(0);
      log.warn('a', 'problem 7');
      expect(lines.at(-1)).toBe('problem 7');
    });

    it('writes the number of lines left out when it is asked to, as at a stop', () => {
      const lines: string[] = [];
      const log = throttled(lines);
      for (let i = 1; i <= 3; i++) log.warn('a', `problem ${i}`);
      log.tell();
      log.tell();
      expect(lines).toEqual(['problem 1', 'problem 3 (the last of 2 since the previous line)']);
      expect(jest.getTimerCount()).toBe(0);
    });
  });
});

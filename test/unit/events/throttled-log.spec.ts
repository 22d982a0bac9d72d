import { ThrottledLog } from '../../../lib/common/throttled-log.js';
import { FixedClock } from '../../support/capture.js';

describe('a throttled log', () => {
  it('says the same once a minute and counts what it left out', () => {
    const clock = new FixedClock();
    const lines: string[] = [];
    const log = new ThrottledLog({ warn: (line) => lines.push(line) }, clock);
    for (let i = 0; i < 3; i++) log.warn('a', 'problem');
    log.warn('b', 'another');
    clock.time += 59_999;
    log.warn('a', 'problem');
    clock.time += 1;
    log.warn('a', 'problem');
    clock.time += 60_000;
    log.warn('a', 'problem');
    expect(lines).toEqual([
      'problem',
      'another',
      'problem (3 more like this since the last line)',
      'problem',
    ]);
  });
});

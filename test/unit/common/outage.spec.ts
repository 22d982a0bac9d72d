import { Outage } from '../../../lib/common/outage.js';
import { awayError } from '../../support/away-error.js';

describe('an outage', () => {
  const lines: string[] = [];
  let outage: Outage;

  beforeEach(() => {
    lines.length = 0;
    const logger = {
      log: (line: string) => void lines.push(`LOG ${line}`),
      warn: (line: string) => void lines.push(`WARN ${line}`),
      error: (line: string) => void lines.push(`ERROR ${line.replace(/\n\s+at [^]+/, ' with its stack')}`),
    };
    outage = new Outage(logger, { begins: 'It waits', ends: 'It goes on', fails: 'It fails' });
  });

  it('is logged once when it begins, with its cause, and once when it ends', () => {
    for (let round = 0; round < 2; round++) {
      for (const why of ['ECONNREFUSED', 'terminated']) outage.failed(awayError(why));
      expect(outage.isOn).toBe(true);
      for (let time = 0; time < 3; time++) outage.worked();
      expect(outage.isOn).toBe(false);
    }
    const once = ['WARN It waits: ECONNREFUSED', 'LOG It goes on'];
    expect(lines).toEqual([...once, ...once]);
  });

  it('is not logged as over if another line has said so', () => {
    outage.failed(awayError('away'));
    outage.toldElsewhere();
    outage.worked();
    expect(lines).toEqual(['WARN It waits: away']);
  });

  it.each([
    new TypeError('row.at.toISOString is not a function'),
    new RangeError('Invalid time value'),
    new Error('somebody forgot something'),
    Object.assign(new Error('value too long'), { code: '22001' }),
  ])('does not include errors that waiting can’t cure: %s is logged once as a fault', (fault) => {
    for (let time = 0; time < 3; time++) outage.failed(fault);
    expect(outage.isOn).toBe(false);
    expect(outage.isFailing).toBe(true);
    outage.worked();
    expect(outage.isFailing).toBe(false);
    expect(lines).toEqual([
      `ERROR It fails, and the database is not the cause: ${fault.name}: ${fault.message} with its stack`,
      'LOG Recovered: it fails no longer.',
    ]);
  });

  it('logs at most ten faults if each has a different message', () => {
    for (let time = 0; time < 1_000; time++) outage.failed(new TypeError(`number ${time}`));
    expect(lines).toHaveLength(10);
  });
});

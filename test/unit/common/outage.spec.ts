import { Outage } from '../../../lib/common/outage.js';

describe('an outage', () => {
  const lines: string[] = [];
  let outage: Outage;

  beforeEach(() => {
    lines.length = 0;
    const logger = {
      log: (line: string) => void lines.push(`LOG ${line}`),
      warn: (line: string) => void lines.push(`WARN ${line}`),
    };
    outage = new Outage(logger, { begins: 'It waits', ends: 'It goes on' });
  });

  it('is one line when it begins, with why, and one when it is over', () => {
    for (let round = 0; round < 2; round++) {
      for (const why of ['ECONNREFUSED', 'terminated']) outage.failed(new Error(why));
      expect(outage.isOn).toBe(true);
      for (let time = 0; time < 3; time++) outage.worked();
      expect(outage.isOn).toBe(false);
    }
    const once = ['WARN It waits: ECONNREFUSED', 'LOG It goes on'];
    expect(lines).toEqual([...once, ...once]);
  });

  it('is not said to be over by two', () => {
    outage.failed(new Error('away'));
    outage.toldElsewhere();
    outage.worked();
    expect(lines).toEqual(['WARN It waits: away']);
  });
});

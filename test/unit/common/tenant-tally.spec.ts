import { TenantTally } from '../../../lib/common/tenant-tally.js';

describe('TenantTally', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const tallyOf = (alone?: number) => {
    const lines: string[] = [];
    const say = (tenantId: string, count: number, last: string) => lines.push(`${tenantId} ${count} ${last}`);
    return { lines, tally: new TenantTally<string>(say, alone) };
  };

  it('reports the first entry of each tenant immediately, and the number of the others once a minute', () => {
    const { lines, tally } = tallyOf();
    for (let i = 0; i < 1_000; i++) tally.add('loud', `e${i}`);
    tally.add('quiet', 'only');
    expect(lines).toEqual(['loud 1 e0', 'quiet 1 only']);
    jest.advanceTimersByTime(60_000);
    expect(lines.slice(2)).toEqual(['loud 999 e999']);
    for (let i = 0; i < 5; i++) tally.add('loud', 'again');
    jest.advanceTimersByTime(60_000);
    expect(lines.slice(3)).toEqual(['loud 5 again']);
  });

  it('reports as many entries one by one as it was asked to', () => {
    const { lines, tally } = tallyOf(3);
    for (let i = 0; i < 5; i++) tally.add('a', `e${i}`);
    expect(lines).toEqual(['a 1 e0', 'a 1 e1', 'a 1 e2']);
    tally.tell();
    expect(lines.slice(3)).toEqual(['a 2 e4']);
  });

  it('remembers no tenant, and has no timer, after a minute without entries', () => {
    const { lines, tally } = tallyOf();
    tally.add('a', 'x');
    jest.advanceTimersByTime(60_000);
    expect(jest.getTimerCount()).toBe(0);
    tally.add('a', 'y');
    expect(lines).toEqual(['a 1 x', 'a 1 y']);
  });
});

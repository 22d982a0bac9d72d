import { Turns } from '../../../lib/common/turns.js';

describe('Turns', () => {
  it('asks the rings in the order of the ranks that are given, and each from its beginning', () => {
    const turns = new Turns<string>(2);
    turns.add('late', 1);
    turns.add('first', 0);
    turns.add('second', 0);
    expect(turns.first([0, 1])).toBe('first');
    expect(turns.first([1, 0])).toBe('late');
    turns.remove('first');
    expect(turns.first([0])).toBe('second');
    turns.remove('second');
    expect(turns.first([0])).toBeUndefined();
    expect(turns.first([0, 1])).toBe('late');
  });

  it('keeps the place of each member, and puts a member that changes its ring at the end', () => {
    const turns = new Turns<string>(2);
    for (const owner of ['a', 'b', 'c']) turns.add(owner, 0);
    turns.add('a', 0);
    expect(turns.first([0])).toBe('a');
    turns.add('d', 1);
    turns.add('a', 1);
    expect(turns.first([0])).toBe('b');
    expect(turns.rankOf('a')).toBe(1);
    turns.remove('d');
    expect(turns.first([1])).toBe('a');
  });

  it('refuses a rank without a ring', () => {
    const turns = new Turns<string>(2);
    expect(() => turns.add('a', 2)).toThrow(RangeError);
    expect(() => turns.first([-1])).toThrow('Rank -1 has no ring: there are 2.');
  });
});

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

  it('lists the members of several rings in the order in which they came', () => {
    const turns = new Turns<string>(3);
    for (const [owner, rank] of [
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['d', 1],
      ['e', 0],
    ] as const)
      turns.add(owner, rank);
    expect(turns.firstOf([0, 1], 9)).toEqual(['a', 'b', 'd', 'e']);
    expect(turns.firstOf([1, 0], 3)).toEqual(['a', 'b', 'd']);
    turns.remove('a');
    turns.add('a', 1);
    expect(turns.firstOf([0, 1, 2], 9)).toEqual(['b', 'c', 'd', 'e', 'a']);
    expect(turns.firstOf([2], 9)).toEqual(['c']);
    expect(turns.firstOf([], 9)).toEqual([]);
  });

  it('refuses a rank without a ring', () => {
    const turns = new Turns<string>(2);
    expect(() => turns.add('a', 2)).toThrow(RangeError);
    expect(() => turns.first([-1])).toThrow('Rank -1 has no ring: there are 2.');
  });
});

// Parts, beginnings and ends of texts are looked up by a hash with a secret, so that equal hashes are rare. Without the
// secret, these are equal.
jest.mock('node:crypto', () => ({ ...jest.requireActual('node:crypto'), randomInt: () => 0 }));

import { FilterIndex, parseFilter } from 'nestjs-scripts-event/filters';

it.each([
  ['first', ['abcdef', 'fedcba']],
  ['second', ['fedcba', 'abcdef']],
])('the index tells two parts with the same hash apart if abcdef is added %s', (_, needles) => {
  const index = new FilterIndex<string>();
  for (let other = 0; other < 30; other += 1) index.add(`other ${other}`, parseFilter({ z: other }));
  for (const needle of needles) index.add(needle, parseFilter({ a: { contains: needle } }));
  expect(index.match({ a: 'an abcdef' })).toEqual(['abcdef']);
  expect(index.match({ a: 'a fedcba' })).toEqual(['fedcba']);
  expect(index.match({ a: 'afdbec' })).toEqual([]);
  index.remove(needles[0]!);
  expect(index.match({ a: 'abcdef fedcba' })).toEqual([needles[1]]);
});

it.each([
  ['endsWith', 'x abcdef', 'x fedcba', 'x afdbec'],
  ['startsWith', 'abcdef x', 'fedcba x', 'afdbec x'],
])('the index tells two operands of %s with the same hash apart', (operator, first, second, neither) => {
  const index = new FilterIndex<string>();
  for (let other = 0; other < 30; other += 1) index.add(`other ${other}`, parseFilter({ z: other }));
  for (const needle of ['abcdef', 'fedcba']) index.add(needle, parseFilter({ a: { [operator]: needle } }));
  expect(index.match({ a: first })).toEqual(['abcdef']);
  expect(index.match({ a: second })).toEqual(['fedcba']);
  expect(index.match({ a: neither })).toEqual([]);
  index.remove('abcdef');
  expect(index.match({ a: first })).toEqual([]);
  expect(index.match({ a: second })).toEqual(['fedcba']);
});

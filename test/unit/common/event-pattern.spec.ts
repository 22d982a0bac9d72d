import { EventEmitter2 } from '@nestjs/event-emitter';
import {
  isEventPattern,
  listensTo,
  matchesEventPattern,
  PatternTree,
} from '../../../lib/common/event-pattern.js';
import { RandomFilters, seeded } from '../../support/random-filters';

const make = new RandomFilters(seeded(7));
const parts = (names: readonly string[]): string[] =>
  Array.from({ length: 1 + make.below(4) }, () => make.pick(names));
const types = Array.from({ length: 150 }, () => parts(['a', 'b', 'c']).join('.'));
const patterns = Array.from({ length: 150 }, () => {
  const pattern = parts(['a', 'b', 'c', '*', '*']);
  const last = pattern.at(-1) === '*' ? ['a', '*'] : ['**', '*'];
  if (make.below(3) === 0 || !pattern.includes('*')) pattern.push(make.pick(last));
  return pattern.join('.');
}).concat('**', '*');

/** Whether a listener under the pattern hears the type. */
function emitterHears(pattern: string, type: string): boolean {
  const emitter = new EventEmitter2({ wildcard: true, delimiter: '.' });
  let heard = 0;
  emitter.on(pattern, () => (heard += 1));
  emitter.emit(type);
  return heard > 0;
}

describe('patterns of event types', () => {
  it('match the same types as in EventEmitter2', () => {
    for (const pattern of patterns) {
      expect(isEventPattern(pattern)).toBe(true);
      const otherwise = types.filter(
        (type) => matchesEventPattern(pattern, type) !== emitterHears(pattern, type),
      );
      expect([pattern, otherwise]).toEqual([pattern, []]);
    }
  });

  it('are found in a tree if and only if they match, while patterns are added and removed', () => {
    const tree = new PatternTree<number>();
    const held = new Map<number, string>();
    for (const [at, pattern] of patterns.entries()) {
      tree.add(pattern, at);
      held.set(at, pattern);
      const gone = make.below(at * 2 + 1);
      if (held.has(gone)) {
        tree.remove(held.get(gone) as string, gone);
        held.delete(gone);
      }
      const type = make.pick(types);
      const wanted = [...held].filter(([, each]) => matchesEventPattern(each, type)).map(([id]) => id);
      expect([...tree.find(type)].toSorted((a, b) => a - b)).toEqual(wanted);
    }
    for (const [id, pattern] of held) tree.remove(pattern, id);
    tree.remove('never.added.*', 0);
    expect(tree).toEqual(new PatternTree());
  });

  it.each([
    ['client.*', true],
    ['*.created', true],
    ['client.**', true],
    ['**', true],
    ['a.*.c.*.e.*.g.**', true],
    ['client.created', false],
    ['client.cr*', false],
    ['**.created', false],
    ['client..*', false],
    ['.*', false],
    ['client.***', false],
    ['client.*.**', false],
    ['cli ent.*', false],
    ['1.*', false],
    [`${'a.'.repeat(8)}*`, false],
    [`${'a'.repeat(127)}.*`, false],
    [5, false],
  ])('%p is a pattern: %p', (value, expected) => expect(isEventPattern(value)).toBe(expected));

  it('may stand beside exact types in the event types of a script', () => {
    expect(listensTo(['user.created', 'client.*'], 'user.created')).toBe(true);
    expect(listensTo(['user.created', 'client.*'], 'client.deleted')).toBe(true);
    expect(listensTo(['user.created', 'client.*'], 'client.address.changed')).toBe(false);
  });
});

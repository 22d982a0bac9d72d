import { fieldKey } from '../../../lib/filters/field-key.js';

const DATA = {
  id: 7,
  client: { id: 'c-1', 'full.name': 'Ada', vip: true, tags: null },
  items: [{ sku: 'a' }, { sku: 'b' }],
};

describe('the ordering key of a field', () => {
  it.each([
    ['id', '7'],
    ['client.id', 'c-1'],
    ['client.vip', 'true'],
    ['/client/full.name', 'Ada'],
    ['items.1.sku', 'b'],
  ])('%s of an event is %s', (path, key) => expect(fieldKey(path)?.(DATA)).toBe(key));

  it.each([['missing'], ['client.tags'], ['client'], ['items'], ['items.sku'], ['toString']])(
    '%s is missing, so the event has no order',
    (path) => expect(fieldKey(path)?.(DATA)).toBeUndefined(),
  );

  it.each([['a..b'], [''], ['__proto__.x'], ['$where'], [Array(17).fill('a').join('.')]])(
    '%j is refused, because it is not a path',
    (path) => expect(fieldKey(path)).toBeNull(),
  );
});

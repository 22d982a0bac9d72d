import { FilterIndex, parseFilter } from 'nestjs-scripts-event/filters';
import { coversOf } from '../../../lib/filters/lookups/covers.js';
import { Sieve } from '../../../lib/filters/lookups/sieve.js';

const filled = (): FilterIndex<string> => {
  const index = new FilterIndex<string>();
  index.add('paid', parseFilter({ status: 'paid' }));
  index.add('large', parseFilter({ amount: { gt: 100 } }));
  index.add('all', parseFilter({}));
  return index;
};

describe('FilterIndex', () => {
  it('returns the ids of the matching filters in the order in which they were added', () => {
    const index = filled();
    expect(index.match({ status: 'paid', amount: 500 })).toEqual(['paid', 'large', 'all']);
    expect(index.match({ status: 'open', amount: 500 })).toEqual(['large', 'all']);
    expect(index.match({})).toEqual(['all']);
    expect(new FilterIndex().match({})).toEqual([]);
  });

  it('replaces a filter that is added again, and keeps its place', () => {
    const index = filled();
    index.add('paid', parseFilter({ status: 'open' }));
    expect(index.size).toBe(3);
    expect(index.match({ status: 'open' })).toEqual(['paid', 'all']);
    expect(index.match({ status: 'paid' })).toEqual(['all']);
  });

  it('removes a filter once, and returns false for an unknown one', () => {
    const index = filled();
    expect(index.remove('large')).toBe(true);
    expect(index.remove('large')).toBe(false);
    expect(index.remove('never added')).toBe(false);
    expect(index.match({ amount: 500 })).toEqual(['all']);
    index.add('large', parseFilter({ amount: { gt: 100 } }));
    expect(index.match({ amount: 500 })).toEqual(['all', 'large']);
  });

  it('counts all filters, and those that it indexes and scans', () => {
    const index = filled();
    expect(index.stats()).toMatchObject({ size: 3 });
    const { size, indexed, scanned } = index.stats();
    expect(indexed + scanned).toBe(size);
    index.remove('all');
    expect(index.stats().size).toBe(2);
  });

  it('lets data match other filters if one filter can’t read it', () => {
    const index = filled();
    const data = {
      status: 'paid',
      get amount(): number {
        throw new Error('no');
      },
    };
    expect(index.match(data)).toEqual(['paid', 'all']);
    expect(
      index.match({
        toJSON: () => {
          throw new Error('no');
        },
      }),
    ).toEqual([]);
  });

  it('accepts ids of any kind', () => {
    const id = { script: 1 };
    const index = new FilterIndex<object>();
    index.add(id, parseFilter({ a: 1 }));
    expect(index.match({ a: 1 })[0]).toBe(id);
  });

  it('reads a field once for all filters, and only if another condition has not already decided', () => {
    const reads: string[] = [];
    const data = {
      get customer(): string {
        reads.push('customer');
        return 'c1';
      },
      get status(): string {
        reads.push('status');
        return 'paid';
      },
    };
    const index = new FilterIndex<number>();
    for (let at = 2; at < 16; at += 1)
      index.add(at, parseFilter({ customer: `c${at}`, status: ['paid', 'open'] }));
    expect(index.match(data)).toEqual([]);
    expect(reads).toEqual(['customer']);
    index.add(1, parseFilter({ customer: 'c1', status: ['paid', 'open'] }));
    expect(index.match(data)).toEqual([1]);
    expect(reads).toEqual(['customer', 'customer', 'status']);
  });

  it('keeps nothing of the fields, texts and bounds of removed filters', () => {
    const sieve = new Sieve();
    const sizes = [1, 2, 3].map(() => {
      for (let at = 0; at < 50; at += 1) {
        const { covers, unproved } = coversOf(
          parseFilter({ [`a${at}`]: `t${at}`, [`b${at}`]: { gt: at } }).node,
        );
        sieve.add(at % 2, covers, unproved);
        if (at > 0) sieve.remove((at + 1) % 2);
      }
      sieve.remove(1);
      return JSON.stringify(sieve).length;
    });
    expect(new Set(sizes).size).toBe(1);
    expect(sizes[0]).toBeLessThan(400);
  });
});

import { OrderingSupport } from '../../../lib/scripts/ordering-support.js';
import { Logger } from '@nestjs/common';
import { RevisionDigest } from '../../../lib/nodes/revision-digest.js';
import { type ActiveScript, ScriptIndex } from '../../../lib/scripts/script-index.js';
import { matchScripts } from '../../support/match-scripts';
import { RandomFilters, seeded } from '../../support/random-filters';

let revision = 0;

const active = (changes: Partial<ActiveScript> = {}): ActiveScript => ({
  id: 'a',
  tenantId: 'acme',
  name: 'Welcome',
  version: 1,
  eventTypes: ['user.created'],
  filters: null,
  limits: null,
  bindings: null,
  maxConcurrency: null,
  runsPerMinute: null,
  orderingKey: null,
  onOrderedFailure: 'block',
  revision: String((revision += 1)),
  ...changes,
});

const broken = (): ActiveScript =>
  active({ id: 'broken', name: 'Old filter', filters: { amount: { $regex: '.*' } } });

function indexOf(...rows: ActiveScript[]): ScriptIndex {
  const index = new ScriptIndex(new OrderingSupport(() => true));
  for (const row of rows) index.put(row);
  return index;
}

const matchedIds = (index: ScriptIndex, type: string, tenantId: string, payload: unknown = {}): string[] =>
  matchScripts(index, type, tenantId, payload).matched.map(({ id }) => id);

describe('the script index', () => {
  it('finds the scripts of a tenant that listen to the event type and whose filter matches', () => {
    const index = indexOf(
      active({ id: 'any' }),
      active({ id: 'large', filters: { amount: { gt: 100 } } }),
      active({ id: 'other-type', eventTypes: ['user.deleted'] }),
    );
    expect(matchedIds(index, 'user.created', 'acme', { amount: 500 })).toEqual(['any', 'large']);
    expect(matchedIds(index, 'user.created', 'acme', { amount: 5 })).toEqual(['any']);
    expect(matchScripts(index, 'user.created', 'acme', { amount: 5 }).listening).toBe(2);
  });

  it('never finds a script for another tenant', () => {
    const index = indexOf(active({ id: 'a', tenantId: 'acme' }), active({ id: 'g', tenantId: 'globex' }));
    expect(matchedIds(index, 'user.created', 'globex')).toEqual(['g']);
    expect(matchedIds(index, 'user.created', 'nobody')).toEqual([]);
    expect(index.has('user.created', 'acme')).toBe(true);
    expect(index.has('user.created', 'nobody')).toBe(false);
  });

  it.each(['__proto__', 'constructor', 'toString', ''])('finds nothing for the name %p', (name) => {
    const index = indexOf(active());
    expect(index.has(name, 'acme')).toBe(false);
    expect(index.has('user.created', name)).toBe(false);
    expect(matchScripts(index, name, name, {})).toEqual({ listening: 0, matched: [] });
  });

  it('replaces the types, the filter and the version of a script', () => {
    const index = indexOf(active({ filters: { a: 1 } }));
    index.put(active({ eventTypes: ['user.deleted'], filters: { a: 2 }, version: 2 }));
    expect(index.has('user.created', 'acme')).toBe(false);
    expect(matchedIds(index, 'user.deleted', 'acme', { a: 1 })).toEqual([]);
    expect(matchedIds(index, 'user.deleted', 'acme', { a: 2 })).toEqual(['a']);
    expect(index.get('a')).toMatchObject({ version: 2 });
  });

  it('keeps nothing of a script that is removed', () => {
    const index = indexOf(active({ eventTypes: ['user.created', 'user.deleted'] }));
    index.remove('a');
    index.remove('a');
    expect(index.get('a')).toBeUndefined();
    expect(index.stats()).toEqual({
      scripts: 0,
      disabled: 0,
      tenants: 0,
      eventTypes: 0,
      indexed: 0,
      scanned: 0,
      broken: [],
    });
    expect(index.digests.toString()).toBe(new RevisionDigest().toString());
  });

  it('returns scripts that can’t be changed', () => {
    const row = active({ limits: { timeoutMs: 5 }, bindings: ['crm.findClient'] });
    const index = indexOf(row);
    row.limits!.timeoutMs = 6;
    const script = index.get('a')!;
    expect(script.limits).toEqual({ timeoutMs: 5 });
    const parts = [script, script.limits, script.bindings, script.eventTypes];
    expect(parts.map((part) => Object.isFrozen(part))).toEqual([true, true, true, true]);
  });

  it('finds a script once for an event whose type the script names twice', () => {
    const index = indexOf(active({ eventTypes: ['user.created', 'user.created'] }));
    expect(matchedIds(index, 'user.created', 'acme')).toEqual(['a']);
  });

  describe('with a stored filter that can no longer be read', () => {
    let logged: jest.SpyInstance;
    beforeEach(() => (logged = jest.spyOn(Logger.prototype, 'error').mockImplementation()));
    afterEach(() => logged.mockRestore());

    it('leaves the script out, logs it, and still finds the others', () => {
      const index = indexOf(broken(), active());
      expect(matchedIds(index, 'user.created', 'acme')).toEqual(['a']);
      expect(index.get('broken')).toBeUndefined();
      expect(index.stats().broken).toMatchObject([{ id: 'broken', tenantId: 'acme', name: 'Old filter' }]);
      expect(logged).toHaveBeenCalledWith(expect.stringContaining('Old filter'));
    });

    it('finds the script again after its filter is corrected, and forgets it after it is removed', () => {
      const index = indexOf(broken());
      index.put(active({ id: 'broken' }));
      expect(matchedIds(index, 'user.created', 'acme')).toEqual(['broken']);
      index.put(broken());
      expect(index.has('user.created', 'acme')).toBe(false);
      index.remove('broken');
      expect(index.stats().broken).toEqual([]);
    });
  });

  it('still matches a disabled script, marked as disabled, and does not return it for a run', () => {
    const index = indexOf(active({ id: 'a', status: 'disabled' }), active({ id: 'b' }));
    const { matched } = matchScripts(index, 'user.created', 'acme', {});
    expect(matched.map(({ id, disabled }) => [id, disabled])).toEqual([
      ['a', true],
      ['b', false],
    ]);
    expect(index.get('a')).toBeUndefined();
    expect(index.get('b')).toBeDefined();
    expect(index.stats()).toMatchObject({ scripts: 1, disabled: 1 });
  });

  it('gives a degraded script one run at a time, any other its own limit if it has one', () => {
    const index = indexOf(
      active({ id: 'degraded', degraded: true, maxConcurrency: 7 }),
      active({ id: 'own', maxConcurrency: 7 }),
      active({ id: 'plain' }),
    );
    expect(['degraded', 'own', 'plain', 'unknown'].map((id) => index.runLimitOf(id))).toEqual([
      1,
      7,
      null,
      null,
    ]);
  });

  describe('with scripts that listen to patterns', () => {
    const byPattern = (id: string, ...eventTypes: string[]): ActiveScript => active({ id, eventTypes });

    it('finds each script once for an event, however many of its types and patterns match', () => {
      const index = indexOf(
        byPattern('both', 'user.created', 'user.*', '*.created'),
        byPattern('all', '**'),
        byPattern('users', 'user.**'),
        byPattern('exact', 'user.created'),
        byPattern('clients', 'client.*', 'user.deleted'),
      );
      const { listening, matched } = matchScripts(index, 'user.created', 'acme', {});
      expect(listening).toBe(4);
      expect(matched.map(({ id }) => id)).toEqual(['both', 'all', 'users', 'exact']);
      expect(matchedIds(index, 'user.deleted', 'acme')).toEqual(['both', 'all', 'users', 'clients']);
      expect(matchedIds(index, 'user', 'acme')).toEqual(['all', 'users']);
      expect(matchedIds(index, 'client.a.b', 'acme')).toEqual(['all']);
      expect([index.has('x.y', 'acme'), index.has('user.created', 'globex')]).toEqual([true, false]);
    });

    it('checks their filters, and keeps nothing of them after they are removed', () => {
      const index = indexOf(
        active({ id: 'large', eventTypes: ['payment.*'], filters: { amount: { gt: 100 } } }),
        active({ id: 'all', eventTypes: ['payment.*'] }),
      );
      expect(matchedIds(index, 'payment.created', 'acme', { amount: 5 })).toEqual(['all']);
      index.put(active({ id: 'all', eventTypes: ['order.*'] }));
      expect(matchedIds(index, 'payment.created', 'acme', { amount: 500 })).toEqual(['large']);
      expect(matchedIds(index, 'order.created', 'acme')).toEqual(['all']);
      index.remove('all');
      index.remove('large');
      expect(index.has('payment.created', 'acme')).toBe(false);
      expect(index.has('order.created', 'acme')).toBe(false);
      expect(index.stats()).toMatchObject({ scripts: 0, tenants: 0, indexed: 0, scanned: 0 });
    });
  });

  it('has the same counts after many changes as a new index of the same scripts', () => {
    const make = new RandomFilters(seeded(11));
    const index = indexOf();
    const rows = new Map<string, ActiveScript>();
    for (let change = 0; change < 400; change += 1) {
      const id = `script ${make.below(120)}`;
      if (make.below(3) === 0) {
        index.remove(id);
        rows.delete(id);
      } else {
        const row = active({
          id,
          tenantId: make.pick(['acme', 'globex']),
          status: make.pick(['active', 'active', 'disabled']),
          eventTypes: make.pick([['a.b'], ['a.b', 'c.d'], ['a.*'], ['**', 'c.d']]),
          filters: { name: make.pick(['x', 'y', 'z']), size: make.below(30) },
        });
        index.put(row);
        rows.set(id, row);
      }
    }
    const { indexed, scanned, ...counts } = index.stats();
    const fresh = indexOf(...rows.values()).stats();
    expect(counts).toEqual({ ...counts, scripts: fresh.scripts, disabled: fresh.disabled, tenants: 2 });
    expect(indexed + scanned).toBe(fresh.indexed + fresh.scanned);
    expect(indexed).toBeGreaterThan(0);
    for (const id of rows.keys()) index.remove(id);
    expect(index.stats()).toEqual(indexOf().stats());
  });
});

import { Settlement, type StoredRow } from '../../../lib/store/settlement.js';
import type { SeenRange, StoreCommit, StoreWrite, TouchedKey } from '../../../lib/store/store.types.js';

const TENANT = 'acme';
const QUOTAS = { tenantStoreKeys: 3, tenantStoreBytes: 100 };

const row = (key: string, text: string, part: Partial<StoredRow> = {}): StoredRow => ({
  tenantId: TENANT,
  scope: 's',
  key,
  revision: '5',
  isLive: true,
  bytes: key.length + text.length,
  text,
  expiresAt: null,
  ...part,
});

const set = (text: string, ttlMs: number | null = null): StoreWrite => ({ kind: 'set', text, ttlMs });
const add = (by: string): StoreWrite => ({ kind: 'add', by, ttlMs: null });
const REMOVE: StoreWrite = { kind: 'delete' };

/** A commit of changes by key: the revision that the run has seen, if any, and what it writes. */
const commit = (
  changes: Record<string, [seen: string | undefined, write?: StoreWrite]>,
  { ranges = [], tenantId = TENANT }: { ranges?: SeenRange[]; tenantId?: string } = {},
): StoreCommit => ({
  changes: {
    tenantId,
    keys: Object.entries(changes).map(([key, [seen, write]]): TouchedKey => ({
      scope: 's',
      key,
      seen,
      write,
    })),
    ranges,
    bytes: 0,
  },
  insists: false,
  executionId: null,
  by: null,
});

/** Settles commits over rows. The usage of the tenant is computed from the rows. */
function settled(rows: StoredRow[], commits: StoreCommit[], gone: string[] = []) {
  const bytes = rows.reduce((sum, { bytes: own }) => sum + own, 0);
  const usage = new Map([[TENANT, { keys: rows.length, bytes, revision: '7' }]]);
  const ranges = commits.flatMap(({ changes }) => changes.ranges);
  const now = new Map(ranges.map((range) => [range, { count: range.count, newest: range.newest }]));
  const settlement = new Settlement(rows, usage, now, QUOTAS, new Set(gone));
  const verdicts = commits.map((one) => settlement.settle(one).status);
  const { rows: written, deleted, usage: after } = settlement.result();
  return {
    verdicts,
    written: Object.fromEntries(written.map(({ key, text }) => [key, text])),
    deleted: deleted.map(({ key }) => key),
    usage: after[0],
    full: settlement.full,
  };
}

describe('the settlement of store commits', () => {
  it('adds up all increments of a key, and refuses none', () => {
    const commits = ['0.1', '0.2', '3'].map((by) => commit({ n: [undefined, add(by)] }));
    expect(settled([row('n', '1')], commits)).toMatchObject({
      verdicts: ['accepted', 'accepted', 'accepted'],
      written: { n: '4.3' },
      usage: { keys: 1, bytes: 4, revision: '8' },
    });
    expect(settled([], commits)).toMatchObject({ written: { n: '3.3' } });
  });

  it.each<[string, StoreCommit[], string[]]>([
    [
      'two commits that have read the key that both write',
      [commit({ n: ['5', set('2')] }), commit({ n: ['5', set('3')] })],
      ['accepted', 'conflict'],
    ],
    ['a commit that has read an outdated value', [commit({ n: ['4', set('2')] })], ['conflict']],
    [
      'a commit that has read a key that another one changes, and writes another key',
      [commit({ n: [undefined, set('2')] }), commit({ n: ['5'], other: [undefined, set('3')] })],
      ['accepted', 'conflict'],
    ],
    [
      'a commit that has read a key before another one increments it, and increments it, too',
      [commit({ n: [undefined, add('1')] }), commit({ n: ['5', add('1')] })],
      ['accepted', 'conflict'],
    ],
    [
      'two commits that have found a key missing',
      [commit({ m: ['0', set('1')] }), commit({ m: ['0', set('2')] })],
      ['accepted', 'conflict'],
    ],
    [
      'a commit that has read a key that another one deletes',
      [commit({ n: [undefined, REMOVE] }), commit({ n: ['5', set('1')] })],
      ['accepted', 'conflict'],
    ],
    [
      'a commit that has seen a key before it was deleted and made again',
      [
        commit({ n: [undefined, REMOVE] }),
        commit({ n: [undefined, set('1')] }),
        commit({ n: ['5', set('9')] }),
      ],
      ['accepted', 'accepted', 'conflict'],
    ],
  ])('loses no update: %s', (_what, commits, verdicts) => {
    expect(settled([row('n', '1')], commits).verdicts).toEqual(verdicts);
  });

  it('stores the last write of commits that have not read the key', () => {
    const commits = [commit({ n: [undefined, set('2')] }), commit({ n: [undefined, set('3')] })];
    expect(settled([row('n', '1')], commits)).toMatchObject({
      verdicts: ['accepted', 'accepted'],
      written: { n: '3' },
    });
  });

  it('finds a conflict in a change within a listed range, and none in a change outside of it', () => {
    const range = (part: Partial<SeenRange> = {}): SeenRange => ({
      scope: 's',
      prefix: 'a',
      after: '',
      upTo: undefined,
      count: 1,
      newest: '5',
      ...part,
    });
    const after = (key: string, ranges: SeenRange[]) =>
      settled(
        [row('a1', '1')],
        [commit({ [key]: [undefined, set('1')] }), commit({ z: [undefined, set('1')] }, { ranges })],
      ).verdicts[1];
    expect(after('a2', [range()])).toBe('conflict');
    expect(after('a\u{1F600}', [range()])).toBe('conflict');
    expect(after('b', [range()])).toBe('accepted');
    expect(after('a2', [range({ upTo: 'a1' })])).toBe('accepted');
    expect(after('a1', [range({ after: 'a1' })])).toBe('accepted');
    const stale = new Settlement([], new Map(), new Map([[range(), { count: 2, newest: '5' }]]), QUOTAS);
    expect(stale.settle(commit({ z: [undefined, set('1')] }, { ranges: [range()] })).status).toBe('conflict');
  });

  it('counts keys and bytes exactly, over commits that delete and make a key again', () => {
    const commits = [
      commit({ a: [undefined, REMOVE] }),
      commit({ a: [undefined, set('"xx"')], b: [undefined, set('1')] }),
      commit({ b: [undefined, REMOVE] }),
    ];
    expect(settled([row('a', '1')], commits)).toMatchObject({
      verdicts: ['accepted', 'accepted', 'accepted'],
      written: { a: '"xx"' },
      deleted: [],
      usage: { keys: 1, bytes: 5 },
    });
  });

  it('refuses commits that would exceed a quota, names the tenant, and accepts commits that do not use more', () => {
    const rows = ['a', 'b', 'c'].map((key) => row(key, '1'));
    const commits = [
      commit({ d: [undefined, set('1')] }),
      commit({ a: [undefined, set(`"${'x'.repeat(95)}"`)] }),
      commit({ a: [undefined, REMOVE], d: [undefined, set('1')] }),
      commit({ b: [undefined, set('2')] }),
    ];
    expect(settled(rows, commits)).toMatchObject({
      verdicts: ['refused', 'refused', 'accepted', 'accepted'],
      written: { d: '1', b: '2' },
      deleted: ['a'],
      usage: { keys: 3, bytes: 6 },
      full: new Set([TENANT]),
    });
    // The tenant has more keys than the quota, which was lowered.
    const many = ['a', 'b', 'c', 'd', 'e'].map((key) => row(key, '1'));
    expect(settled(many, [commit({ a: [undefined, set('2')], b: [undefined, REMOVE] })]).verdicts).toEqual([
      'accepted',
    ]);
  });

  it('treats an expired row as missing, and overwrites it', () => {
    const over = row('n', '8', { isLive: false });
    expect(settled([over], [commit({ n: ['0', add('1')] })])).toMatchObject({
      verdicts: ['accepted'],
      written: { n: '1' },
      usage: { keys: 1, bytes: 2 },
    });
    expect(settled([over], [commit({ n: ['5', add('1')] })]).verdicts).toEqual(['conflict']);
    expect(settled([over], [commit({ n: [undefined, REMOVE] })])).toMatchObject({
      deleted: ['n'],
      usage: { keys: 0, bytes: 0 },
    });
  });

  it('keeps the expiry of a value that is incremented', () => {
    const settlement = new Settlement(
      [row('n', '1', { expiresAt: '2030-01-01T00:00:00.000000Z' })],
      new Map(),
      new Map(),
      QUOTAS,
    );
    settlement.settle(commit({ n: [undefined, { kind: 'add', by: '1', ttlMs: 1_000 }] }));
    settlement.settle(commit({ m: [undefined, { kind: 'add', by: '1', ttlMs: 2_000 }] }));
    settlement.settle(commit({ m: [undefined, add('1')] }));
    expect(settlement.result().rows).toMatchObject([
      { key: 'n', text: '2', expiresAt: '2030-01-01T00:00:00.000000Z', ttlMs: null },
      { key: 'm', text: '2', expiresAt: null, ttlMs: 2_000 },
    ]);
  });

  it('makes a run wait for the turn of another one on a key that it changes, unless it insists', () => {
    const withTurn = (commits: StoreCommit[]): [string[], boolean | undefined] => {
      const usage = new Map([
        [TENANT, { keys: 1, bytes: 2, revision: '7', turn: { of: 'holder', key: 's\nn' } }],
      ]);
      const settlement = new Settlement([row('n', '1')], usage, new Map(), QUOTAS);
      const verdicts = commits.map((one) => settlement.settle(one).status);
      return [verdicts, settlement.result().usage[0]?.endsTurn];
    };
    const other = commit({ n: [undefined, add('1')] });
    const holder = { ...commit({ n: ['5', set('2')] }), executionId: 'holder' };
    expect(withTurn([other])).toEqual([['later'], undefined]);
    expect(withTurn([{ ...other, insists: true }])).toEqual([['accepted'], false]);
    // A commit that already has a conflict need not wait, and one that changes another key is in nobody's way.
    expect(withTurn([commit({ n: ['4', set('2')] })])[0]).toEqual(['conflict']);
    expect(withTurn([commit({ m: [undefined, set('2')], n: ['5'] })])[0]).toEqual(['accepted']);
    expect(withTurn([other, holder, other])).toEqual([['later', 'accepted', 'accepted'], true]);
  });

  it('stores nothing for a deleted script, and nothing of a refused commit', () => {
    expect(settled([], [commit({ n: [undefined, set('1')] })], ['s'])).toMatchObject({
      verdicts: ['accepted'],
      written: {},
    });
    const partly = commit({ a: [undefined, set('1')], text: [undefined, add('1')] });
    expect(settled([row('text', '"x"')], [partly])).toMatchObject({ verdicts: ['refused'], written: {} });
  });
});

import { BindingCallError } from '../../../lib/common/binding-call.error.js';
import { JsonText, type JsonValue } from '../../../lib/common/json.js';
import { MemoryStoreReader } from '../../../lib/store/memory-store.reader.js';
import { RunStore } from '../../../lib/store/run-store.js';

const OWN = 'a-script';

/** The store of a run, with these values under the script's own keys. */
function storeOf(stored: Record<string, JsonValue> = {}) {
  const texts = new Map(Object.entries(stored).map(([key, value]) => [key, JSON.stringify(value)]));
  const store = new RunStore(new MemoryStoreReader(new Map([[OWN, texts]])), {
    tenantId: 'acme',
    scriptId: OWN,
  });
  const call = async (operation: string, input: JsonValue): Promise<unknown> => {
    const answer = await store.call(operation, input);
    return answer instanceof JsonText ? JSON.parse(answer.text) : answer;
  };
  return {
    store,
    call,
    get: (key: string) => call('store.get', { key }),
    set: (key: string, value: JsonValue, options?: JsonValue) =>
      call('store.set', { key, value, ...(options === undefined ? {} : { options }) }),
    add: (key: string, by: JsonValue) => call('store.increment', { key, by }),
    remove: (key: string) => call('store.delete', { key }),
    list: (prefix: string, options: JsonValue = {}) => call('store.list', { prefix, options }),
  };
}

describe('the store as a run sees it', () => {
  it('reports how each call ended', async () => {
    const told: string[] = [];
    const texts = new Map([['words', '"many"']]);
    const store = new RunStore(new MemoryStoreReader(new Map([[OWN, texts]])), {
      tenantId: 'acme',
      scriptId: OWN,
      onCall: (operation, result) => told.push(`${operation} ${result}`),
    });
    const calls: [string, JsonValue][] = [
      ['store.get', { key: 'words' }],
      ['store.tenant.set', { key: 'k', value: 1, options: { ttl: 'soon' } }],
      ['store.set', { key: 'k', value: 'x'.repeat(65_536) }],
      ['store.increment', { key: 'words' }],
      ['store.get', { key: 'words' }],
      ['store.tenant.list', { prefix: '' }],
      ['store.delete', { key: 5 }],
      ['store.wipe', {}],
    ];
    for (const [name, input] of calls) await store.call(name, input).catch(() => undefined);
    expect(told).toEqual([
      'get ok',
      'set invalid',
      'set too_large',
      'increment ok',
      'get not_a_number',
      'list ok',
      'delete invalid',
    ]);
  });

  it('reads stored values, and in their place what the run itself has written', async () => {
    const { get, set, add, remove } = storeOf({ n: 5, text: 'a', gone: 1 });
    expect([await get('n'), await get('text'), await get('none')]).toEqual([5, 'a', null]);
    await set('text', { b: 1, a: [null] });
    await add('n', 2);
    await add('n', 0.5);
    await add('new', 3);
    await remove('gone');
    await add('gone', 7);
    expect(await Promise.all(['text', 'n', 'new', 'gone'].map(get))).toEqual([
      { b: 1, a: [null] },
      7.5,
      3,
      7,
    ]);
    await set('n', 1);
    await add('n', 1);
    expect(await get('n')).toBe(2);
    await remove('n');
    expect(await get('n')).toBeNull();
  });

  it('keeps the keys of a script apart from those that the scripts of a tenant share', async () => {
    const { call, set, get } = storeOf();
    await set('k', 'own');
    await call('store.tenant.set', { key: 'k', value: 'shared' });
    expect([await get('k'), await call('store.tenant.get', { key: 'k' })]).toEqual(['own', 'shared']);
  });

  it('reports the keys that the run has read and written, and none if it has written none', async () => {
    const { store, get, set, add, list } = storeOf({ a: 1, b: 2 });
    await get('a');
    await get('none');
    await list('');
    expect(store.changes()).toBeUndefined();
    await add('b', 1);
    await set('c', 1, { ttl: '1m' });
    expect(store.changes()).toMatchObject({
      tenantId: 'acme',
      keys: [
        { key: 'b', seen: undefined, write: { kind: 'add', by: '1' } },
        { key: 'c', seen: undefined, write: { kind: 'set', text: '1', ttlMs: 60_000 } },
        { key: 'a', seen: '1', write: undefined },
        { key: 'none', seen: '0', write: undefined },
      ],
      ranges: [{ prefix: '', after: '', upTo: undefined, count: 2 }],
    });
  });

  it('lists keys in pages, with those that the run has written and without those that it has deleted', async () => {
    const { list, set, remove, add } = storeOf({ 'a:1': 1, 'a:2': 2, 'a:4': 4, 'a:6': 6, b: 0 });
    await set('a:3', 3);
    await remove('a:2');
    await add('a:4', 10);
    const first = (await list('a:', { limit: 2 })) as { items: unknown[]; nextCursor: string };
    expect(first.items).toEqual([{ key: 'a:1', value: 1 }]);
    const second = await list('a:', { limit: 2, cursor: first.nextCursor });
    expect(second).toEqual({
      items: [
        { key: 'a:3', value: 3 },
        { key: 'a:4', value: 14 },
      ],
      nextCursor: 'a:4',
    });
    expect(await list('a:', { limit: 2, cursor: 'a:4' })).toEqual({
      items: [{ key: 'a:6', value: 6 }],
      nextCursor: null,
    });
  });

  it.each<[string, string, JsonValue, string]>([
    ['a key that is not text', 'store.get', { key: 5 }, 'key must be text'],
    ['an empty key', 'store.get', { key: '' }, '1 to 200'],
    ['a key that is too long', 'store.set', { key: 'x'.repeat(201), value: 1 }, 'it has 201'],
    ['a key with U+0000', 'store.get', { key: 'a\u0000b' }, "isn't printable"],
    ['a key with a line end', 'store.get', { key: 'a\nb' }, "isn't printable"],
    ['a key with half of a surrogate pair', 'store.get', { key: 'a\ud800' }, "isn't printable"],
    ['no value', 'store.set', { key: 'a' }, 'the value is missing'],
    [
      'a ttl that is not a time',
      'store.set',
      { key: 'a', value: 1, options: { ttl: 'soon' } },
      'ttl must be',
    ],
    ['a key with U+FFFD', 'store.get', { key: 'a\ufffd' }, "isn't printable"],
    [
      'a ttl of NaN',
      'store.set',
      { key: 'a', value: 1, options: { ttl: null } },
      'what NaN and Infinity are',
    ],
    ['an amount of NaN', 'store.increment', { key: 'a', by: null }, 'what NaN and Infinity are'],
    ['a limit of NaN', 'store.list', { prefix: '', options: { limit: null } }, 'limit must be'],
    ['an amount that needs rounding', 'store.increment', { key: 'a', by: 0.1 + 0.2 }, 'toFixed(2)'],
    ['a ttl of zero', 'store.set', { key: 'a', value: 1, options: { ttl: 0 } }, 'ttl must be'],
    [
      'options that are not an object',
      'store.set',
      { key: 'a', value: 1, options: 60 },
      'the options must be',
    ],
    ['an unknown option', 'store.set', { key: 'a', value: 1, options: { TTL: 1 } }, 'unknown field "TTL"'],
    ['an amount that is text', 'store.increment', { key: 'a', by: '1' }, 'by must be a number'],
    ['an amount that is too exact', 'store.increment', { key: 'a', by: 1e-16 }, 'up to 15 decimals'],
    ['an amount that is too large', 'store.increment', { key: 'a', by: 2 ** 53 }, 'by must be a number'],
    ['a limit over the maximum', 'store.list', { prefix: '', options: { limit: 1_001 } }, 'limit must be'],
    ['an input that is not an object', 'store.get', 'a', 'expected an object'],
  ])('refuses %s and says what to change', async (_what, operation, input, message) => {
    const { call, store } = storeOf();
    const error = await call(operation, input).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BindingCallError);
    expect(error).toMatchObject({ code: 'invalid-input', message: expect.stringContaining(message) });
    expect(store.changes()).toBeUndefined();
  });

  it('refuses a value over 64 KiB, and more than 1 MiB in one run', async () => {
    const { set } = storeOf();
    await set('a', 'x'.repeat(64 * 1024 - 2));
    await expect(set('a', 'x'.repeat(64 * 1024 - 1))).rejects.toMatchObject({ code: 'too-large' });
    await expect(set('a', 'ü'.repeat(32 * 1024))).rejects.toMatchObject({ code: 'too-large' });
    for (let at = 1; at < 15; at++) await set(`a${at}`, 'x'.repeat(64 * 1024 - 2));
    await expect(set('b', 'x'.repeat(64 * 1024 - 2))).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('1048576'),
    });
    await set('a', 1);
    await set('b', 'x'.repeat(64 * 1024 - 2));
  });

  it('ends a page of a list before it is too large for an answer, keys that the run has written included', async () => {
    const large = 'x'.repeat(60_000);
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const { list, set } = storeOf(Object.fromEntries(names.map((name) => [`${name} stored`, large])));
    for (const name of names) await set(`${name} own`, large);
    const seen: string[] = [];
    let pages = 0;
    for (let cursor: string | null = ''; cursor !== null; pages += 1) {
      const page = (await list('', { limit: 1_000, cursor })) as {
        items: { key: string }[];
        nextCursor: string | null;
      };
      expect(JSON.stringify(page).length).toBeLessThan(200_000);
      seen.push(...page.items.map(({ key }) => key));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(names.flatMap((name) => [`${name} own`, `${name} stored`]));
    expect(pages).toBeGreaterThan(3);
  });

  it('increments only numbers', async () => {
    const { add, get, set } = storeOf({ text: '5' });
    await add('text', 1);
    await expect(get('text')).rejects.toMatchObject({ code: 'not-a-number' });
    await set('own', true);
    await expect(add('own', 1)).rejects.toMatchObject({ code: 'not-a-number' });
  });

  it('reports once that the store can’t be read, and fails every call that needs it', async () => {
    let told = 0;
    const reader = new MemoryStoreReader();
    reader.read = () => Promise.reject(new Error('connect ECONNREFUSED'));
    const store = new RunStore(reader, { tenantId: 'a', scriptId: 'b', onAway: () => (told += 1) });
    const calls = [store.call('store.get', { key: 'a' }), store.call('store.get', { key: 'b' })];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'unavailable' });
    expect(told).toBe(1);
    expect(store.failure).toBeDefined();
  });
});

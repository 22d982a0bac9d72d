import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const PRELUDE = join(__dirname, '..', '..', 'dist', 'lib', 'sandbox', 'child', 'prelude', 'index.js');

/** Lists all objects that properties lead to, and which of them and of their properties can be changed. */
const LIST_ALL = String.raw`(() => {
  const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
  const segments = new Intl.Segmenter().segment('');
  const error = Object.getOwnPropertyDescriptor(new Error(), 'stack') ?? {};
  const roots = [globalThis, () => 1, async () => {}, function* () {}, async function* () {}, [].values(), new Map().values(),
    new Set().values(), ''[Symbol.iterator](), 'a'.matchAll(/a/g), segments, segments[Symbol.iterator](),
    ...(globalThis.Iterator ? [Iterator.from([]).drop(0), Iterator.from({ next: () => ({}) })] : [])];
  const seen = new Set(), lines = [], waiting = [[error.get, 'stack.get'], [error.set, 'stack.set']];
  for (const [at, root] of roots.entries()) waiting.push([at === 0 ? root : Object.getPrototypeOf(root), 'root ' + at]);
  while (waiting.length > 0) {
    const [object, path] = waiting.pop();
    if (!isObject(object) || seen.has(object)) continue;
    seen.add(object);
    lines.push((Object.isFrozen(object) ? 'frozen ' : 'open ') + path);
    waiting.push([Object.getPrototypeOf(object), path + '.__proto__']);
    for (const key of Reflect.ownKeys(object)) {
      const { value, get, set, writable, configurable } = Object.getOwnPropertyDescriptor(object, key);
      lines.push([path, String(key), writable, configurable].join(' '));
      waiting.push([value, path + '.' + String(key)], [get, path + '.get ' + String(key)], [set, path + '.set ' + String(key)]);
    }
  }
  return JSON.stringify(lines);
})()`;

/** Makes realms as a process does: the first one without a plan, others with its plan or a wrong one, and a different realm. */
const PROGRAM = `
const ivm = require('isolated-vm');
const { PRELUDE } = require(${JSON.stringify(PRELUDE)});
const make = (plan, before) => {
  const context = new ivm.Isolate({ memoryLimit: 64 }).createContextSync();
  const entries = context.evalSync(PRELUDE, { reference: true });
  if (before) context.evalSync(before);
  const given = plan === undefined ? [] : [new ivm.ExternalCopy(Int32Array.from(plan).buffer).copyInto()];
  const frozen = entries.getSync('freeze', { reference: true }).applySync(undefined, given, { result: { reference: true } });
  return { made: frozen.getSync('plan', { copy: true }) ?? null, all: JSON.parse(context.evalSync(${JSON.stringify(LIST_ALL)})) };
};
const walked = make();
const added = 'Object.prototype.extra = {}; Math.max.extra = {}; 1';
console.log(JSON.stringify({
  walked,
  followed: make(walked.made),
  short: make(walked.made.slice(0, -20)),
  empty: make([]),
  long: make([...walked.made, ...walked.made]),
  shifted: make([0, ...walked.made]),
  other: make(walked.made, added),
  added: make(undefined, added),
}));`;

interface Made {
  made: number[] | null;
  all: string[];
}

describe('a realm that is frozen by the plan of another one', () => {
  const { walked, followed, other, added, ...wrong } = JSON.parse(
    execFileSync(process.execPath, ['--no-node-snapshot', '-e', PROGRAM], {
      cwd: join(__dirname, '..', '..'),
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    }),
  ) as Record<'walked' | 'followed' | 'short' | 'empty' | 'long' | 'shifted' | 'other' | 'added', Made>;
  const open = ({ all }: Made): string[] => all.filter((line) => line.startsWith('open '));

  test('is frozen exactly like one that was searched, object by object and property by property', () => {
    expect(walked.all.length).toBeGreaterThan(2_000);
    expect(followed.made).toBeNull();
    expect(followed.all).toEqual(walked.all);
    // Only the global object can be changed.
    expect(open(followed)).toEqual(['open root 0']);
  });

  test('is searched when the plan is not that of this realm', () => {
    for (const { made, all } of Object.values(wrong)) {
      expect(made).toEqual(walked.made);
      expect(all).toEqual(walked.all);
    }
    expect(Object.keys(wrong)).toHaveLength(4);
  });

  test('is searched when it has further objects', () => {
    expect(other.made).not.toBeNull();
    expect(other.all).toEqual(added.all);
    expect(open(other)).toEqual(['open root 0']);
  });
});

/**
 * A script that twice calls and constructs every function it can reach, with arguments and on objects of every kind. It lists
 * the objects that both calls return and that are not frozen: such an object exists before a run, and the run can change it.
 */
export const CALL_EVERYTHING = String.raw`
  const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
  const neighbours = (object) => {
    const found = [['prototype', Object.getPrototypeOf(object)]];
    for (const key of Reflect.ownKeys(object).slice(0, 60)) {
      const descriptor = Object.getOwnPropertyDescriptor(object, key) ?? {};
      for (const part of ['value', 'get', 'set']) found.push([String(key), descriptor[part]]);
    }
    return found.filter(([, value]) => isObject(value));
  };

  // Everything that properties lead to.
  const reached = new Map([[globalThis, 'globalThis']]);
  const waiting = [[globalThis, ''], [Object.getPrototypeOf((async function* () {}).prototype), 'asyncGenerator']];
  for (const make of [function () {}, async () => {}, function* () {}, async function* () {}]) waiting.push([Object.getPrototypeOf(make), 'function']);
  for (const [name, given] of Object.entries({ sdk, events, console, store, secrets, vars, crm })) {
    reached.set(given, name);
    waiting.push([given, name]);
  }
  while (waiting.length > 0) {
    const [object, path] = waiting.pop();
    for (const [key, value] of neighbours(object)) {
      if (reached.has(value)) continue;
      reached.set(value, path + '.' + key);
      waiting.push([value, path + '.' + key]);
    }
  }

  // What a value leads to that is new to us, up to three steps away.
  const leads = (root) => {
    const found = new Map();
    const go = (value, path, steps) => {
      if (found.has(value) || reached.has(value)) return;
      found.set(value, path);
      if (steps > 0) for (const [key, next] of neighbours(value)) go(next, path + '.' + key, steps - 1);
    };
    if (isObject(root)) go(root, '', 3);
    return found;
  };

  const open = [];
  let calls = 0;
  const compare = (label, call) => {
    calls++;
    const attempt = () => { try { return call(); } catch (error) { return error; } };
    const first = leads(attempt());
    for (const shared of leads(attempt()).keys()) {
      if (first.has(shared) && !Object.isFrozen(shared)) open.push(label + first.get(shared));
    }
  };

  const has = (name) => typeof globalThis[name] === 'function';
  const inputs = [
    () => [], () => [1], () => ['a'], () => [{}], () => [[1, 2]], () => [/a/g, 'b'], () => [(x) => x], () => [[['a', 1]]],
    () => ['de'], () => [new Map([[1, 2]])], () => [new ArrayBuffer(8)], () => [{ a: 1 }, 'a', { value: 1 }],
    () => ['a', { type: 'script', style: 'currency', currency: 'EUR' }], () => [Symbol('x')], () => [1n],
  ];
  const targets = [
    () => [1, 2, 3], () => 'abc', () => /b/g, () => new Map([[1, 2]]), () => new Set([1]), () => new Date(0), () => 5,
    () => () => 1, () => new Uint8Array(4), () => new ArrayBuffer(8), () => new DataView(new ArrayBuffer(8)),
    () => Promise.resolve(1), () => (function* () { yield 1; })(), () => [1].values(), () => new Map([[1, 2]]).entries(),
    () => new Set([1]).values(), () => 'ab'[Symbol.iterator](), () => 'aa'.matchAll(/a/g), () => new WeakMap(),
    () => Symbol.iterator, () => 3n, () => new Error('x'), () => new AggregateError([1]), () => true, () => new Proxy({}, {}),
    ...['NumberFormat', 'DateTimeFormat', 'Collator', 'PluralRules', 'ListFormat', 'RelativeTimeFormat', 'Segmenter', 'Locale', 'DurationFormat']
      .filter((name) => Intl[name]).map((name) => () => new Intl[name]('de')),
    () => new Intl.Segmenter('de').segment('ab'), () => new Intl.Segmenter('de').segment('ab')[Symbol.iterator](),
    ...(has('Iterator') ? [() => Iterator.from({ next: () => ({ done: true }) }), () => [1].values().map((x) => x)] : []),
    ...['DisposableStack', 'AsyncDisposableStack'].filter(has).map((name) => () => new globalThis[name]()),
  ];
  let functions = 0;
  for (const [object, path] of reached) {
    // An iterator without an end would be drained for ever.
    if (typeof object !== 'function' || /\.(toArray|reduce|forEach|some|every|find)$/.test(path) && !/\.(Array|Map|Set)\./.test(path)) continue;
    functions++;
    for (const input of inputs) {
      compare('new ' + path, () => Reflect.construct(object, input()));
      compare(path, () => Reflect.apply(object, undefined, input()));
    }
    for (const target of targets) for (const input of inputs.slice(0, 3)) compare(path, () => Reflect.apply(object, target(), input()));
  }

  const syntax = {
    'a type error': () => null.x, 'a reference error': () => missing, 'an overflow': () => { const f = () => f(); f(); },
    'a syntax error': () => eval('}'), 'arguments': () => (function () { return arguments; })(1),
    'strict arguments': () => (function () { 'use strict'; return arguments; })(1), 'a template': () => ((s) => s)${'`a`'},
    'a template of eval': () => eval('((s) => s)${'`a`'}'), 'a template of a function': () => Function('return ((s) => s)${'`a`'}')(),
    'a class': () => class { static #x = 1; static y = [] }, 'a match': () => /(?<a>b)/d.exec('b'),
    'a revocable proxy': () => Proxy.revocable({}, {}), 'an import': () => import('x'),
    'a captured stack': () => { const o = {}; Error.captureStackTrace(o); return o; },
    'resolving functions': () => { let found; new Promise((...pair) => (found = pair)); return found; },
    'what a reviver gets': () => { let found; JSON.parse('[1]', (...all) => { found = all; }); return found; },
    'a caller': () => { function f() { return f.caller; } return (function () { return f(); })(); },
    'an error of ours': () => events.publish('', {}), 'an error to throw': () => new RetryAfterError(1),
    'another error to throw': () => new NonRetryableError('x'), 'an error that calls throw': () => new BindingError('x'), 'a literal of eval': () => eval('({ a: [1], r: /x/ })'),
  };
  for (const [name, make] of Object.entries(syntax)) compare(name, make);
  return { open: [...new Set(open)].slice(0, 20), functions, calls };
`;

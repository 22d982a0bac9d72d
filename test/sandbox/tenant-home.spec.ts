import { ScriptSandbox } from '../../lib/sandbox/index.js';
import type { Outcome, SandboxRun } from '../../lib/sandbox/index.js';
import { Gate, waitFor } from '../support/wait-for.js';
import { limitTests } from '../support/time-limits.js';

limitTests('long');

const STAMP =
  'class Return { constructor(o) { return o } } class Stamp extends Return { #left = 1; static reads(o) { return #left in o } }';

/** What one script does, and what another script of its tenant reads in order to notice that. */
const LEAKS: [what: string, does: string, looks: string][] = [
  ['a global', 'globalThis.left = 1; left2 = 2', '[typeof left, typeof left2]'],
  ['a global that is deleted before the end', 'globalThis.left = 1; delete globalThis.left', 'typeof left'],
  [
    'a name of an indirect eval',
    '(0, eval)("let l1 = 1; const l2 = 1; class l3 {}")',
    '[typeof l1, typeof l2, typeof l3]',
  ],
  ['a function of an indirect eval', '(0, eval)("var l4 = 1; function l5() {}")', '[typeof l4, typeof l5]'],
  ['a name of a function constructor', 'new Function("l6 = 1; this.l7 = 1")()', '[typeof l6, typeof l7]'],
  [
    'changed built-ins',
    'for (const f of [() => { Array.prototype.map = 1 }, () => { JSON.parse = 1 }, () => { Object.prototype.x = 1 }, () => { Promise.prototype.then = 1 }, () => { String.prototype.at = 1 }, () => { Object.setPrototypeOf(Array.prototype, { x: 1 }) }]) try { f() } catch {}',
    '[typeof [].map, typeof JSON.parse, typeof ({}).x, typeof [].x, typeof Promise.prototype.then, typeof "".at]',
  ],
  [
    'inherited methods assigned on built-ins',
    'for (const o of [Map.prototype, Math, JSON, Reflect, Intl, Array.prototype.map]) for (const k of ["hasOwnProperty", "toString", "valueOf", "apply"]) try { o[k] = () => "left" } catch {}',
    '[Map.prototype, Math, JSON, Reflect, Intl, Array.prototype.map].map((o) => String(o.hasOwnProperty("left")) + String(o.valueOf === Object.prototype.valueOf))',
  ],
  [
    'a private field on frozen objects',
    `${STAMP} for (const o of [Math, JSON, Array.prototype, sdk, console, events, ctx]) new Stamp(o)`,
    `(() => { ${STAMP} return [Math, JSON, Array.prototype].map(Stamp.reads) })()`,
  ],
  [
    'an entry for a frozen object in a weak map',
    'new WeakMap().set(Math, 1); new WeakSet().add(JSON)',
    '[new WeakMap().has(Math), new WeakSet().has(JSON)]',
  ],
  [
    'a registered symbol',
    'try { Object.prototype[Symbol.for("left")] = 1 } catch {} Symbol.for("left2")',
    '[({})[Symbol.for("left")] ?? 0, Symbol.keyFor(Symbol("left2")) ?? 0, Object.getOwnPropertySymbols(globalThis).length]',
  ],
  [
    'the statics of a regular expression',
    '/(s)(e)cret/.exec("secret")',
    '[RegExp.$1, RegExp.lastMatch, RegExp.input, RegExp["$_"], RegExp["$`"], RegExp.lastParen]',
  ],
  [
    'the lastIndex of a regular expression',
    'const r = /a/g; r.exec("aa"); r.lastIndex = 7',
    '(() => { const r = /a/g; return r.lastIndex })()',
  ],
  [
    'the settings of stacks',
    'try { Error.prepareStackTrace = () => "left" } catch {} try { Error.stackTraceLimit = 0 } catch {}',
    '[typeof Error.prepareStackTrace, Error.stackTraceLimit, typeof new Error("x").stack]',
  ],
  [
    'a stack with the names of its functions',
    'function secretName() { throw new Error("x") } try { secretName() } catch {}',
    'new Error("y").stack.includes("secretName")',
  ],
  [
    'the caller of its function',
    'function f() { return f.caller } try { f() } catch {}',
    '(() => { try { return (function g() { return g.caller === null })() } catch { return true } })()',
  ],
  [
    'a species or an iterator',
    'try { Array[Symbol.species] = class {} } catch {} try { Array.prototype[Symbol.iterator] = function* () { yield "left" } } catch {}',
    '[[...[1]], [1].map((x) => x).constructor === Array]',
  ],
  [
    'a patched ArrayBuffer',
    'try { ArrayBuffer.isView = () => "left" } catch {} try { ArrayBuffer.prototype.constructor = 1 } catch {}',
    '[ArrayBuffer.isView(1), typeof ArrayBuffer.prototype.constructor]',
  ],
  [
    'a patched error class of the package',
    'for (const E of [NonRetryableError, RetryAfterError, BindingError, LimitError, EventTypeError, EventPayloadError]) { try { E.left = 1 } catch {} try { E.prototype.message = "left" } catch {} }',
    '[NonRetryableError.left ?? BindingError.left ?? LimitError.left ?? 0, new RetryAfterError(1).message, new NonRetryableError("m").message]',
  ],
  [
    'a getter on its result',
    'return { get toJSON() { try { globalThis.left = 1 } catch {} return undefined }, a: 1 }',
    'typeof left',
  ],
  [
    'code that runs while its result is read',
    'return { toJSON() { Promise.resolve().then(() => { try { Object.prototype.left = 1 } catch {} globalThis.left = 1 }); return 1 } }',
    '[typeof left, typeof ({}).left]',
  ],
  [
    'a rejection that nobody handles',
    'for (let i = 0; i < 3; i++) Promise.reject(new Error("secret")); (async () => { throw new Error("secret") })()',
    'await Promise.resolve(1)',
  ],
  [
    'a promise that is never settled',
    'globalThis.constructor; new Promise(() => {}).then(() => { throw new Error("left") })',
    'await Promise.resolve(1)',
  ],
  [
    'an error that it throws late',
    'Promise.resolve().then(() => Promise.resolve()).then(() => { throw new Error("secret") })',
    'await Promise.resolve(1)',
  ],
  ['log lines', 'for (let i = 0; i < 20; i++) console.log("secret " + i)', '1'],
  ['events', 'events.publish("left.behind", { a: 1 })', '1'],
];

describe('scripts of one tenant in one home', () => {
  const sandbox = new ScriptSandbox({ processes: { min: 1, max: 1 }, limits: { timeoutMs: 60_000 } });
  beforeAll(() => sandbox.start());
  afterAll(() => sandbox.stop());

  const run = (scriptId: string, source: string, over: Partial<SandboxRun> = {}): Promise<Outcome> =>
    sandbox.run({ source, tenantId: 'one', scriptId, version: 1, ...over });
  const restarts = (): number => Object.values(sandbox.stats().restarts).reduce((sum, n) => sum + n, 0);

  test.each(LEAKS)(
    'do not see %s of another script, of another version or of an earlier run',
    async (what, does, looks) => {
      const look = `return ${looks}`;
      const clean = await run(`clean ${what}`, look, { tenantId: `clean ${what}` });
      expect(clean).toMatchObject({ status: 'completed', logs: [], published: [] });
      const own = await run('leaker', does, { version: LEAKS.findIndex(([name]) => name === what) });
      expect(own).toMatchObject({ status: 'completed' });
      for (const [scriptId, version] of [
        ['looker', 1],
        ['leaker', 1_000],
        ['other', 2],
      ] as const) {
        const seen = await run(scriptId, look, { version });
        expect(seen).toMatchObject({ status: 'completed', logs: [], published: [] });
        expect(seen.status === 'completed' && seen.result).toEqual(
          clean.status === 'completed' && clean.result,
        );
      }
    },
  );

  test('do not settle a promise of another script that has ended', async () => {
    const gate = new Gate();
    const calls: string[] = [];
    const over = (who: string): Partial<SandboxRun> => ({
      bindings: ['crm.find'],
      callBinding: async () => {
        calls.push(who);
        if (calls.length === 1) await gate.opened;
        return who;
      },
    });
    // The script ends while its call is open. If its promise were settled later, it would log, call and publish.
    const leave = `crm.find().then((x) => { console.log('late ' + x); events.publish('late.event', {}); return crm.find() }); await crm.find(); return 'left'`;
    const first = await run('first', leave, over('first'));
    expect(first).toMatchObject({
      result: 'left',
      logs: [{ message: '1 binding call was not awaited, and cancelled when the run ended' }],
    });
    const second = run('second', `const x = await crm.find(); await null; return x`, over('second'));
    gate.open();
    expect(await second).toMatchObject({
      result: 'second',
      logs: [],
      published: [],
      metrics: { bindingCalls: 1 },
    });
    expect(calls).toEqual(['first', 'first', 'second']);
  });

  test('have their limits anew in each run', async () => {
    const source = `
      const failures = [];
      for (let n = 0; n < 3; n++) {
        console.log(n);
        try { events.publish('a.b', { text: 'x'.repeat(40) }) } catch (e) { failures.push(e.code) }
        await crm.find(n).catch((e) => failures.push(e.code));
      }
      return failures`;
    const over: Partial<SandboxRun> = {
      bindings: ['crm.find'],
      callBinding: () => Promise.resolve(1),
      limits: { timeoutMs: 60_000, logLines: 2, publishes: 2, bindingCalls: 2 },
    };
    for (let times = 0; times < 3; times++) {
      const outcome = await run('limited', source, over);
      expect(outcome).toMatchObject({
        result: ['publishes', 'bindingCalls'],
        logs: [{ message: '0' }, { message: '1' }],
        metrics: { bindingCalls: 2, logsDropped: 1 },
      });
      expect(outcome.status === 'completed' && outcome.published).toHaveLength(2);
    }
  });

  test.each([
    ['completes', 'return { toJSON: use }'],
    ['has completed', 'Promise.resolve().then(() => null).then(use).then(() => null).then(use); return 1'],
    ['fails', 'throw { get message() { use(); return "m" }, get stack() { use(); throw 1 } }'],
    [
      'runs out of stack',
      'let left = 100; const fall = () => { try { fall() } finally { if (left-- > 0) use() } }; try { fall() } catch { left = 100; use(); fall() }',
    ],
  ])('have all their limits unused, although the run before used them up while it %s', async (how, ends) => {
    const source = `
      const used = [], calls = [];
      const use = () => {
        used.length = 0;
        for (let n = 0; n < 5; n++) {
          console.log(n);
          calls[n] = crm.find(n).then(() => used.push('answer'), (e) => used.push(e.code));
          try { events.publish('a.b', { text: 'x'.repeat(185) }); used.push('published') } catch (e) { used.push(e.code) }
        }
      };
      if (ctx.input === 'end') { ${ends} }
      use();
      await Promise.all(calls);
      return used`;
    const over: Partial<SandboxRun> = {
      bindings: ['crm.find'],
      callBinding: () => Promise.resolve(1),
      // All payloads together may have four times `publishBytes`.
      limits: { timeoutMs: 60_000, logLines: 2, publishes: 9, publishBytes: 200, bindingCalls: 2 },
    };
    for (let times = 0; times < 2; times++) {
      const ending = await run(how, source, { ...over, input: 'end' });
      expect(ending.logs.length).toBeGreaterThan(0);
      for (const scriptId of [how, `${how}, another`])
        expect(await run(scriptId, source, over)).toMatchObject({
          result: [
            ...Array<string>(4).fill('published'),
            'publishBytes',
            ...Array<string>(3).fill('bindingCalls'),
            'answer',
            'answer',
          ],
          logs: [{ message: '0' }, { message: '1' }],
          metrics: { bindingCalls: 2, logsDropped: 3 },
        });
    }
  });

  test('have their own bindings, inputs and reserved event types', async () => {
    const bindings = ['crm.find'];
    const callBinding = (): Promise<number> => Promise.resolve(1);
    expect(
      await run('with', 'return [typeof crm, ctx.input]', { bindings, callBinding, input: 'a' }),
    ).toMatchObject({ result: ['object', 'a'] });
    expect(
      await run('without', 'return [typeof crm, ctx.input, ctx.script.id]', { input: 'b' }),
    ).toMatchObject({ result: ['undefined', 'b', 'without'] });
    // The same source with other bindings is compiled separately.
    expect(await run('with', 'return [typeof crm, ctx.input]', { input: 'c' })).toMatchObject({
      result: ['undefined', 'c'],
    });
    const publish = `try { events.publish('order.x', {}); return 'sent' } catch (e) { return e.code }`;
    expect(await run('publisher', publish, { reservedEventTypes: ['order.*'] })).toMatchObject({
      result: 'event-type-reserved',
    });
    expect(await run('publisher2', publish)).toMatchObject({ result: 'sent' });
  });

  test('have the lines of their own sources in errors, however many scripts are compiled', async () => {
    for (let n = 0; n < 5; n++) {
      const source = `${'\n'.repeat(n)}throw new Error('here')`;
      expect(await run(`thrower ${n}`, source)).toMatchObject({ error: { kind: 'runtime', line: n + 1 } });
    }
  });

  test('run their own sources, even if they are a hundred, more than a home keeps compiled', async () => {
    const all = async (): Promise<unknown[]> => {
      const outcomes = await Promise.all(
        Array.from({ length: 100 }, (_, n) => run(`many ${n}`, `return ${n}`, { version: 7 })),
      );
      return outcomes.map((outcome) => outcome.status === 'completed' && outcome.result);
    };
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    for (let round = 0; round < 3; round++) expect(await all()).toEqual(numbers);
  });

  test('go on when the source of another script does not compile', async () => {
    for (const source of ['return }{', '}; }); (function () { return async function () {', 'let a; let a;']) {
      expect(await run('broken', source)).toMatchObject({ error: { kind: 'syntax' } });
      expect(await run('whole', 'return 1')).toMatchObject({ result: 1 });
    }
  });

  test('complete after another script has ended badly, without a new process and without blame', async () => {
    const before = restarts();
    const ends: [string, Partial<SandboxRun>, string][] = [
      ['for (;;);', { limits: { timeoutMs: 100 } }, 'timeout'],
      ['await new Promise(() => {})', {}, 'timeout'],
      ['const a = []; for (;;) a.push({})', { limits: { memoryMb: 16 } }, 'memory'],
    ];
    for (const [source, over, kind] of ends) {
      expect(await run(`ender ${kind}`, source, over)).toMatchObject({ error: { kind } });
      // In the same home, and with time enough on a slow machine.
      const others = { ...over, limits: { ...over.limits, timeoutMs: 60_000 } };
      for (const scriptId of ['whole', 'other'])
        expect(await run(scriptId, 'return 1', others)).toMatchObject({ result: 1 });
      expect(await run(`ender ${kind}`, 'return 2', others)).toMatchObject({ result: 2 });
    }
    expect(restarts()).toBe(before);
    expect(sandbox.blame()).toEqual([]);
  });

  test('run once more in a new home, and complete, if others have left too little memory', async () => {
    const limits = { memoryMb: 16 };
    const need = 'const a = new Array(ctx.input).fill(1.5); return a.length';
    // As much memory as a script can use in a home of its own.
    let most = 2.8e6;
    const alone = (): Promise<Outcome> =>
      run('needs', need, { tenantId: `alone ${most}`, limits, input: most });
    while ((await alone()).status === 'failed') most -= 5e4;
    expect(most).toBeGreaterThan(1e6);
    // Less than the amount for which a home is discarded, so that the home remains.
    const leave = `${STAMP.replace('= 1', '= new Array(1.5e5).fill(1.5)')} new Stamp(Math); return 1`;
    for (let n = 0; n < 3; n++) {
      const over = { tenantId: 'crowded', limits, input: most };
      expect(await run('leaves', leave, { ...over, version: n })).toMatchObject({ result: 1 });
      const outcome = await run(`needs ${n}`, need, over);
      expect(outcome).toMatchObject({ status: 'completed', result: most });
    }
  });

  test('have the limits and reserved event types of each run, although these are sent only with the source', async () => {
    const source = `console.log('a'); console.log('b'); try { events.publish('order.sent', {}) } catch (error) { return error.name } return 'x'.repeat(100)`;
    const over: Partial<SandboxRun>[] = [
      {},
      { limits: { logLines: 1 } },
      { limits: { resultBytes: 50 } },
      { reservedEventTypes: ['order.sent'] },
      {},
    ];
    const seen: unknown[] = [];
    for (const each of over) {
      const outcome = await run('limited', source, each);
      const end = outcome.status === 'completed' ? String(outcome.result).length : outcome.error.kind;
      seen.push([end, outcome.logs.length, outcome.metrics.logsDropped]);
    }
    expect(seen).toEqual([
      [100, 2, 0],
      [100, 1, 1],
      ['rejected', 2, 0],
      ['EventTypeError'.length, 2, 0],
      [100, 2, 0],
    ]);
  });

  test('get their sources sent again when their home was discarded', async () => {
    for (let n = 0; n < 3; n++) {
      expect(await run('stayer', 'return 11')).toMatchObject({ result: 11 });
      expect(
        await run('touches', 'globalThis.left = 1; for (;;);', { version: n, limits: { timeoutMs: 60 } }),
      ).toMatchObject({ error: { kind: 'timeout' } });
    }
  });

  test('get their own answer of a binding after another script was cancelled while it waited for one', async () => {
    const controller = new AbortController();
    const bindings = ['wait'];
    const waiting = run('cancelled', 'return await wait()', {
      bindings,
      callBinding: () => new Promise(() => {}),
      signal: controller.signal,
    });
    await waitFor('it waits', () => sandbox.stats().awaitingBindings === 1);
    controller.abort();
    expect(await waiting).toMatchObject({ error: { kind: 'cancelled' } });
    expect(
      await run('next', 'return await wait()', { bindings, callBinding: () => Promise.resolve(5) }),
    ).toMatchObject({ result: 5 });
  });
});

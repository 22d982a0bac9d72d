import { Injectable } from '@nestjs/common';
import {
  type ExecutionResult,
  ExecutionService,
  InMemoryMetricsRecorder,
  ScriptBinding,
  ScriptService,
  ScriptStoreService,
  type ScriptsEventModuleOptions,
  type StoreMetrics,
  TestRunService,
} from '../../lib/index.js';
import { sandboxChildren } from '../support/sandbox-processes.js';
import { queuedEvent } from '../support/queued-events.js';
import { onBothBuffers } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { deliverAgain, durableHost } from './support/durable-host.js';
import { ADA, sharedHost, TestHost } from './support/test-host.js';

/** A binding that a test holds up, so that runs overlap. */
@Injectable()
class Gate {
  calls = 0;
  /** Called in each run before the binding returns. */
  meanwhile = async (): Promise<void> => undefined;
  private open: (() => void)[] = [];
  private held = false;

  hold(): void {
    [this.calls, this.held] = [0, true];
  }

  release(): void {
    this.held = false;
    for (const open of this.open.splice(0)) open();
  }

  @ScriptBinding('gate.pass')
  async pass(): Promise<void> {
    this.calls += 1;
    await this.meanwhile();
    if (this.held) await new Promise<void>((resolve) => this.open.push(resolve));
  }
}

type Start = (options?: ScriptsEventModuleOptions) => Promise<TestHost>;
const HOSTS: [[string, Start], [string, Start]] = [
  ['the memory buffer', (options = {}) => TestHost.start({ providers: [Gate], options })],
  ['the durable buffer', (options) => durableHost(options, undefined, [Gate])],
];
const OPTIONS: ScriptsEventModuleOptions = {
  limits: { tenantStoreKeys: 6, tenantStoreBytes: 70_000 },
  sandbox: { maxProcesses: 4 },
};
const GATE = { bindings: ['gate.pass'] };

interface StoredRow {
  tenantId: string;
  scope: string;
  key: string;
  value: unknown;
  executionId: string | null;
}

describe.each(onBothBuffers(HOSTS))('the store of scripts, with %s,', (_what, start) => {
  const shared = sharedHost(() => start(OPTIONS));
  let host: TestHost;
  beforeEach(() => (host = shared()));
  afterEach(async () => {
    host.get(Gate).release();
    host.get(Gate).meanwhile = async () => undefined;
    await host.database.dataSource.query(
      "DELETE FROM script_store WHERE scope = 'tenant'; UPDATE script_store_usage SET keys = 0, bytes = 0",
    );
  });

  const stored = async (): Promise<Record<string, unknown>> => {
    const rows: StoredRow[] = await host.database.dataSource.query(
      'SELECT tenant_id AS "tenantId", scope, key, value, execution_id AS "executionId" FROM script_store ORDER BY key',
    );
    return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
  };
  const run = (script: string, input: object = {}, tenantId = 'acme'): Promise<ExecutionResult> =>
    host.get(ExecutionService).execute(script, input, { tenantId });
  const counted = (): StoreMetrics => host.get(InMemoryMetricsRecorder).storeMetrics();
  const resultOf = async (script: string, input: object = {}): Promise<unknown> => {
    const ended = await run(script, input);
    return ended.status === 'completed' ? ended.result : ended.error;
  };

  it('gives a run the values that earlier runs of its script and tenant have stored, and its own writes', async () => {
    const script = await host.script(
      `const before = await store.get('last');
      await store.set('last', { at: ctx.input.at, list: [1, 'ü', null] });
      await store.increment('runs');
      await store.increment('sum', 0.1);
      await store.tenant.set('who', ctx.script.name);
      return [before, await store.get('last'), await store.get('runs'), await store.get('none')];`,
    );
    expect(await resultOf(script, { at: 1 })).toEqual([null, { at: 1, list: [1, 'ü', null] }, 1, null]);
    expect(await resultOf(script, { at: 2 })).toEqual([
      { at: 1, list: [1, 'ü', null] },
      { at: 2, list: [1, 'ü', null] },
      2,
      null,
    ]);
    await run(script, { at: 3 });
    expect(await stored()).toMatchObject({ runs: 3, sum: 0.3 });
    const other = await host.script(
      `return [await store.get('last'), await store.tenant.get('who'), (await store.list('')).items.length]`,
    );
    expect(await resultOf(other)).toEqual([null, expect.stringMatching(/^script/), 0]);
    const foreign = await host.script(`return store.tenant.get('who')`, { tenantId: 'globex' });
    expect(await run(foreign, {}, 'globex')).toMatchObject({ status: 'completed', result: null });
  });

  it('shows the writes of a run to others only after the run has completed', async () => {
    const writer = await host.script(
      `await store.tenant.set('a', 1); await store.tenant.increment('b'); await gate.pass(); await store.tenant.set('c', 3);`,
      GATE,
    );
    const reader = await host.script(
      `return (await store.tenant.list('')).items.map(({ key, value }) => [key, value])`,
    );
    host.get(Gate).hold();
    const writing = run(writer);
    await waitFor('it has written', () => host.get(Gate).calls === 1);
    expect(await resultOf(reader)).toEqual([]);
    host.get(Gate).release();
    await writing;
    expect(await resultOf(reader)).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 3],
    ]);
  });

  const ENDS: [string, string, (executionId: string) => Promise<unknown>][] = [
    ['times out', 'for (;;);', async () => undefined],
    [
      'is cancelled',
      'await gate.pass();',
      (id) => host.get(ExecutionService).cancel('acme', id, { by: 'ada' }),
    ],
    [
      'loses its process',
      'await gate.pass();',
      async () => (await sandboxChildren()).map((pid) => process.kill(pid, 'SIGKILL')),
    ],
  ];
  it.each(ENDS)('keeps no write of a run that %s', async (_ending, rest, end) => {
    const script = await host.script(
      `await store.increment('n'); await store.tenant.set('k', await store.get('n')); ${rest}`,
      { ...GATE, limits: { timeoutMs: rest.startsWith('for') ? 300 : 60_000 } },
    );
    host.get(Gate).hold();
    const running = run(script);
    if (rest.startsWith('await')) {
      await waitFor('it has written', () => host.get(Gate).calls === 1);
      await end(host.get(ExecutionService).listRunning('acme')[0]!.executionId);
    }
    expect(await running).toMatchObject({ status: 'failed' });
    expect(await stored()).toEqual({});
  });

  it('makes a run fail after five conflicts on a key, and its retry counts', async () => {
    const script = await host.script(
      `const n = (await store.get('n')) ?? 0; await gate.pass(); await store.set('n', n + 1);`,
      GATE,
    );
    const gate = host.get(Gate);
    gate.calls = 0;
    const store = host.get(ScriptStoreService);
    // The key is changed during each of the runs, until the first execution has failed.
    gate.meanwhile = async () => {
      if (gate.calls <= 5) await store.set('acme', 'n', gate.calls * 100, { scriptId: script });
    };
    host.emit('user.created', { ...ADA, tenantId: 'acme' });
    const [first, second] = await host.executed(2, script);
    expect(first).toMatchObject({ status: 'failed', errorKind: 'runtime', attempt: 1 });
    expect(first!.errorMessage).toMatch(/ran 5 times.*"n"/);
    expect(second).toMatchObject({ status: 'completed', attempt: 2 });
    expect(await stored()).toEqual({ n: 501 });
    expect(gate.calls).toBe(6);
  });

  it('keeps no write of a failed run, so that an event counts once when its retry completes', async () => {
    const script = await host.script(
      `await store.increment('count');
      await store.set('attempt ' + ctx.execution.attempt, true);
      if (ctx.execution.attempt === 1) throw new Error('not yet');
      return store.get('count');`,
    );
    host.emit('user.created', { ...ADA, tenantId: 'acme' });
    const rows = await host.executed(2, script);
    expect(rows.map(({ status, result }) => [status, result])).toEqual([
      ['failed', null],
      ['completed', 1],
    ]);
    expect(await stored()).toEqual({ count: 1, 'attempt 2': true });
  });

  it('runs the second of two conflicting runs again, so that no update is lost, and its log says so', async () => {
    const script = await host.script(
      `const n = (await store.get('n')) ?? 0;
      await gate.pass();
      await store.set('n', n + ctx.input.add);
      return n;`,
      GATE,
    );
    const before = counted();
    host.get(Gate).hold();
    const both = [run(script, { add: 1 }), run(script, { add: 10 })];
    await waitFor('both have read', () => host.get(Gate).calls === 2);
    host.get(Gate).release();
    const results = await Promise.all(both);
    expect(results.map(({ status }) => status)).toEqual(['completed', 'completed']);
    expect(await stored()).toEqual({ n: 11 });
    expect(host.get(Gate).calls).toBe(3);
    const logged = results.flatMap(({ logs }) => logs.map(({ message }) => message));
    expect(logged).toEqual(['Ran again, because another run had changed "n" in the store']);
    expect(await host.executions(script)).toHaveLength(2);
    expect(counted()).toMatchObject({
      stored: before.stored + 2,
      ranAgain: before.ranAgain + 1,
      conflicts: before.conflicts,
    });
  });

  it('treats two runs as a conflict when both set a missing key, or when one lists keys that the other adds', async () => {
    const first = await host.script(
      `const owner = await store.get('owner');
      await gate.pass();
      if (owner === null) await store.set('owner', ctx.input.name);
      return await store.get('owner');`,
      GATE,
    );
    host.get(Gate).hold();
    const both = [run(first, { name: 'ada' }), run(first, { name: 'bob' })];
    await waitFor('both have looked', () => host.get(Gate).calls === 2);
    host.get(Gate).release();
    const owners = (await Promise.all(both)).map((ended) => ended.status === 'completed' && ended.result);
    expect(new Set(owners)).toEqual(new Set([(await stored()).owner]));

    const listing = await host.script(
      `const { items } = await store.list('item ');
      await gate.pass();
      await store.set('item ' + ctx.input.name, items.length);`,
      GATE,
    );
    host.get(Gate).hold();
    const lists = [run(listing, { name: 'a' }), run(listing, { name: 'b' })];
    await waitFor('both have listed', () => host.get(Gate).calls === 2);
    host.get(Gate).release();
    await Promise.all(lists);
    const { 'item a': a, 'item b': b } = await stored();
    expect([a, b].toSorted()).toEqual([0, 1]);
  });

  it('sees no conflict between increments, or between runs that set a key without reading it', async () => {
    const script = await host.script(
      `await store.increment('n', ctx.input.add);
      await store.set('last', ctx.input.add);
      await gate.pass();`,
      GATE,
    );
    host.get(Gate).hold();
    const all = [1, 2].map((add) => run(script, { add }));
    await waitFor('both have counted', () => host.get(Gate).calls === 2);
    host.get(Gate).release();
    await Promise.all(all);
    expect((await stored()).n).toBe(3);
    expect(host.get(Gate).calls).toBe(2);
  });

  it('lets each of many runs complete that read and write one key, and counts all of them', async () => {
    const script = await host.script(`await store.set('n', ((await store.get('n')) ?? 0) + 1);`);
    for (let at = 0; at < 40; at++) host.emit('user.created', { ...ADA, userId: at, tenantId: 'acme' });
    await waitFor(
      'all have completed',
      async () =>
        (await host.executions(script)).filter(({ status }) => status === 'completed').length === 40,
    );
    expect(await stored()).toEqual({ n: 40 });
  });

  it('delivers only the events of the last run when a run had to run again', async () => {
    const script = await host.script(
      `const n = (await store.get('n')) ?? 0;
      await gate.pass();
      await store.set('n', n + 1);
      events.publish('count.was', { n });`,
      GATE,
    );
    const told = await host.script('return ctx.input.n', { eventTypes: ['count.was'] });
    host.get(Gate).hold();
    for (const userId of [1, 2]) host.emit('user.created', { ...ADA, userId, tenantId: 'acme' });
    await waitFor('both have read', () => host.get(Gate).calls === 2);
    host.get(Gate).release();
    await host.executed(2, script);
    const results = (await host.executed(2, told)).map(({ result }) => result);
    expect(results.toSorted()).toEqual([0, 1]);
    await host.idle();
    expect(await host.executions(told)).toHaveLength(2);
  });

  it('makes a run fail whose writes exceed the quota of the tenant; removed keys free their part of it', async () => {
    const script = await host.script(
      `for (const key of ctx.input.keys) await store.set(key, 'x'.repeat(ctx.input.size));
      for (const key of ctx.input.remove ?? []) await store.delete(key);`,
    );
    const before = counted();
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    expect(await run(script, { keys, size: 1 })).toMatchObject({ status: 'completed' });
    const over = await run(script, { keys: ['g'], size: 1 });
    expect(over).toMatchObject({ status: 'failed', error: { kind: 'rejected', name: 'StoreQuotaError' } });
    expect(over.status === 'failed' && over.error.message).toContain('6 keys of limits.tenantStoreKeys');
    expect(await run(script, { keys: ['a', 'g'], size: 2, remove: ['b'] })).toMatchObject({
      status: 'completed',
    });
    expect(await run(script, { keys: ['a'], size: 60_000 })).toMatchObject({ status: 'completed' });
    expect(await run(script, { keys: ['c'], size: 60_000 })).toMatchObject({
      error: { message: expect.stringContaining('70000 bytes of limits.tenantStoreBytes') },
    });
    expect(counted()).toMatchObject({ stored: before.stored + 3, overQuota: before.overQuota + 2 });
    expect(Object.keys(await stored())).toEqual(['a', 'c', 'd', 'e', 'f', 'g']);
    const [usage] = await host.database.dataSource.query('SELECT keys, bytes FROM script_store_usage');
    expect(usage).toEqual({ keys: 6, bytes: String(60_003 + 4 * 4 + 5) });
  });

  it('keeps the quota when two runs that together exceed it complete at the same time: one of them fails', async () => {
    const script = await host.script(`await store.set(ctx.input.key, 1); await gate.pass();`, GATE);
    const filler = await host.script(
      `for (const key of ['a', 'b', 'c', 'd', 'e']) await store.tenant.set(key, 1)`,
    );
    await run(filler);
    host.get(Gate).hold();
    const both = ['x', 'y'].map((key) => run(script, { key }));
    await waitFor('both have written', () => host.get(Gate).calls === 2);
    host.get(Gate).release();
    const ended = await Promise.all(both);
    expect(ended.map(({ status }) => status).toSorted()).toEqual(['completed', 'failed']);
    expect(ended.find(({ status }) => status === 'failed')).toMatchObject({
      error: { name: 'StoreQuotaError' },
    });
    const [usage] = await host.database.dataSource.query('SELECT keys FROM script_store_usage');
    const [rows] = await host.database.dataSource.query('SELECT count(*)::int AS keys FROM script_store');
    expect([usage, rows]).toEqual([{ keys: 6 }, { keys: 6 }]);
  });

  it('stores all writes of a run that does not await them', async () => {
    const script = await host.script(
      `for (let at = 0; at < 50; at++) store.increment('n');
      store.set('large', 'x'.repeat(60_000));
      store.get('n').then((n) => store.set('late', n));
      store.increment('n', 'much');
      return 'done';`,
    );
    const ended = await run(script);
    expect(ended).toMatchObject({ status: 'completed', result: 'done' });
    expect(ended.logs.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^A rejected promise was not handled.*store\.increment: by must be a number/),
    ]);
    expect(await stored()).toEqual({ n: 50, late: 50, large: 'x'.repeat(60_000) });
  });

  it('hides keys whose ttl is over, and frees their part of the quota', async () => {
    const script = await host.script(
      `if (ctx.input.set) for (const key of ctx.input.set) await store.set(key, 1, { ttl: '1h' });
      if (ctx.input.add) await store.increment(ctx.input.add);
      return [await store.get('a'), (await store.list('')).items.map((item) => item.key)];`,
    );
    await run(script, { set: ['a', 'b', 'c', 'd', 'e', 'f'] });
    expect(await resultOf(script)).toEqual([1, ['a', 'b', 'c', 'd', 'e', 'f']]);
    await host.database.dataSource.query(`UPDATE script_store SET expires_at = now() WHERE key <> 'f'`);
    expect(await resultOf(script)).toEqual([null, ['f']]);
    expect(await resultOf(script, { add: 'a' })).toEqual([1, ['a', 'f']]);
    expect(await run(script, { set: ['g'] })).toMatchObject({ status: 'completed' });
    expect(Object.keys(await stored())).toEqual(['a', 'f', 'g']);
  });

  it('makes a run fail that increments a value that is not a number', async () => {
    const { notANumber } = counted();
    const script = await host.script(`await store.tenant.increment('n'); await store.increment('own');`);
    await run(await host.script(`await store.tenant.set('n', 'many')`));
    expect(await run(script)).toMatchObject({
      status: 'failed',
      error: { kind: 'runtime', name: 'StoreValueError', message: expect.stringContaining('"n"') },
    });
    expect(counted().notANumber).toBe(notANumber + 1);
    expect(await stored()).toEqual({ n: 'many' });
  });

  it('rejects an invalid call with a BindingError', async () => {
    const script = await host.script(
      `const errors = [];
      for (const call of [() => store.get(5), () => store.set('k'), () => store.set('k', 1, 60), () => store.increment('k', 'x')])
        await call().catch((error) => errors.push([error instanceof BindingError, error.code]));
      return errors;`,
    );
    expect(await resultOf(script)).toEqual(Array.from({ length: 4 }, () => [true, 'invalid-input']));
  });

  it('shows stored values and its own writes to a test run, and keeps no write of it', async () => {
    const script = await host.script(`await store.increment('n'); return store.get('n')`);
    await run(script);
    const before = counted();
    const tested = await host.get(TestRunService).run('acme', script, { type: 'user.created', input: ADA });
    expect(tested).toMatchObject({ status: 'completed', result: 2 });
    const draft = { source: `await store.tenant.set('x', 1); return (await store.tenant.list('')).items` };
    expect(
      await host.get(TestRunService).run('acme', draft, { type: 'user.created', input: ADA }),
    ).toMatchObject({ status: 'completed', result: [{ key: 'x', value: 1 }] });
    expect(counted()).toEqual(before);
    expect(await stored()).toEqual({ n: 1 });
  });

  it('keeps only the writes to the tenant’s store of a script that is deleted while it runs', async () => {
    const script = await host.script(
      `await store.set('k', 1); await store.tenant.increment('shared'); await gate.pass();`,
      GATE,
    );
    host.get(Gate).hold();
    const running = run(script);
    await waitFor('it runs', () => host.get(Gate).calls === 1);
    await host.get(ScriptService).delete('acme', script, 'ada');
    host.get(Gate).release();
    expect(await running).toMatchObject({ status: 'completed' });
    expect(await stored()).toEqual({ shared: 1 });
    const [usage] = await host.database.dataSource.query('SELECT keys, bytes FROM script_store_usage');
    expect(usage).toEqual({ keys: 1, bytes: '7' });
  });

  it('is deleted with its script, and kept when the script is archived', async () => {
    const script = await host.script(`await store.set('k', 1); await store.tenant.set('shared', 1)`);
    await run(script);
    await host.get(ScriptService).archive('acme', script, 'ada');
    expect(await stored()).toEqual({ k: 1, shared: 1 });
    await host.get(ScriptService).delete('acme', script, 'ada');
    expect(await stored()).toEqual({ shared: 1 });
    const [usage] = await host.database.dataSource.query('SELECT keys, bytes FROM script_store_usage');
    expect(usage).toEqual({ keys: 1, bytes: '7' });
  });
});

describe('an event that is redelivered', () => {
  it('changes the store once, also when both deliveries run at the same time', async () => {
    const host = await durableHost({ sandbox: { maxProcesses: 2 } }, undefined, [Gate]);
    const script = await host.script(`await store.increment('n'); await gate.pass();`, GATE);
    const event = queuedEvent({ scriptId: script, id: 'patient' });
    host.get(Gate).hold();
    for (let at = 0; at < 2; at++) await deliverAgain(host, event);
    await waitFor('both run', () => host.get(Gate).calls === 2);
    host.get(Gate).release();
    await host.idle();
    await deliverAgain(host, event);
    await host.idle();
    const rows = await host.database.dataSource.query('SELECT key, value FROM script_store');
    expect(rows).toEqual([{ key: 'n', value: 1 }]);
    expect(await host.executions(script)).toHaveLength(1);
  });
});

import { CallsUnderWay } from '../../../lib/bindings/calls-under-way.js';
import { bindingRegistry, bindingRun, call, declare } from '../../support/bindings.js';

describe('the running calls of bindings', () => {
  let now = 0;
  const calls = (): CallsUnderWay => {
    now = 0;
    return new CallsUnderWay(() => now);
  };
  const [one, other, third] = [{}, {}, {}];

  it('are none before the first call', () => {
    expect(calls().waits()).toEqual({ runs: 0, longRuns: 0, longest: [], oldestMs: 0 });
  });

  it('count a run once, however many calls it makes', () => {
    const under = calls();
    under.begin('crm.find', one);
    under.begin('crm.find', one);
    under.begin('crm.save', one);
    expect(under.waits()).toMatchObject({ runs: 1, longRuns: 0, longest: [] });
    now = 1_500;
    expect(under.waits()).toEqual({
      runs: 1,
      longRuns: 1,
      longest: [
        { name: 'crm.find', runs: 1 },
        { name: 'crm.save', runs: 1 },
      ],
      oldestMs: 1_500,
    });
  });

  it('count as long calls after more than a second, and list the binding of most runs first', () => {
    const under = calls();
    under.begin('crm.old', one);
    now = 500;
    under.begin('crm.find', other);
    under.begin('crm.find', third);
    now = 1_001;
    expect(under.waits()).toEqual({
      runs: 3,
      longRuns: 1,
      longest: [{ name: 'crm.old', runs: 1 }],
      oldestMs: 1_001,
    });
    now = 1_501;
    expect(under.waits().longest).toEqual([
      { name: 'crm.find', runs: 2 },
      { name: 'crm.old', runs: 1 },
    ]);
  });

  it('are forgotten when they end; ending one twice has no further effect', () => {
    const under = calls();
    const end = under.begin('crm.find', one);
    now = 2_000;
    under.begin('crm.find', other);
    end();
    end();
    expect(under.waits()).toEqual({ runs: 1, longRuns: 0, longest: [], oldestMs: 0 });
  });
});

describe('the waits that a registry reports', () => {
  it('include a call until its answer comes', async () => {
    const { registry } = bindingRegistry();
    let answer: (value: string) => void = () => undefined;
    declare(registry, 'crm.wait', () => new Promise((resolve) => (answer = resolve)));
    const answered = call(registry, 'crm.wait');
    expect(registry.waits()).toMatchObject({ runs: 1 });
    await Promise.resolve();
    answer('there');
    await answered;
    expect(registry.waits()).toMatchObject({ runs: 0 });
  });

  it.each<[string, () => Promise<unknown>]>([
    [
      'failed',
      () => {
        const { registry } = bindingRegistry();
        declare(registry, 'crm.break', () => Promise.reject(new Error('no')));
        return call(registry, 'crm.break').catch(() => registry.waits());
      },
    ],
    [
      'timed out, even if its method never ends',
      () => {
        const { registry } = bindingRegistry();
        declare(registry, 'crm.hang', () => new Promise(() => undefined), { timeoutMs: 1 });
        return call(registry, 'crm.hang').catch(() => registry.waits());
      },
    ],
    [
      'belongs to a run that has ended',
      () => {
        const { registry } = bindingRegistry();
        declare(registry, 'crm.hang', () => new Promise(() => undefined));
        return call(registry, 'crm.hang', null, AbortSignal.abort()).catch(() => registry.waits());
      },
    ],
    [
      'the script may not make',
      () => {
        const { registry } = bindingRegistry();
        declare(registry, 'crm.find', () => 1);
        const signal = new AbortController().signal;
        return registry.call('crm.find', null, bindingRun([]), signal).catch(() => registry.waits());
      },
    ],
  ])('no longer include a call that %s', async (_what, waitsAfter) => {
    expect(await waitsAfter()).toMatchObject({ runs: 0 });
  });
});

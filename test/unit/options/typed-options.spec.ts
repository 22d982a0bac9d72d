import type { CreateScript, ScriptsEventModuleOptions } from '../../../lib/index.js';
import { ScriptsEventOptionsError } from '../../../lib/options/options.errors.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';

const script = { name: 'Welcome', eventTypes: ['user.created'], source: 'return 1;' };

// What is wrong here is wrong when it is compiled, which `npm run typecheck` does.
describe('the types of options', () => {
  it('take durations as milliseconds and as text with a unit', () => {
    const options: ScriptsEventModuleOptions = {
      shutdownTimeout: 20_000,
      retry: { initialDelay: '1m', maxDelay: '1.5 h' },
      retention: { completedExecutions: '30d', exhaustedDeadLetters: 'never' },
    };
    expect(resolveOptions(options, {})).toMatchObject({
      shutdownTimeoutMs: 20_000,
      retry: { initialDelayMs: 60_000, maxDelayMs: 5_400_000 },
      retention: { exhaustedDeadLettersMs: Infinity },
    });
  });

  it('refuse text that is no duration, as the start does', () => {
    const wrong: ScriptsEventModuleOptions[] = [
      // @ts-expect-error -- no such unit
      { retry: { initialDelay: '1 minute' } },
      // @ts-expect-error -- no number
      { sandbox: { timeout: 'soon' } },
      // @ts-expect-error -- an interval comes to pass
      { retention: { interval: 'never' } },
    ];
    for (const options of wrong) expect(() => resolveOptions(options, {})).toThrow(ScriptsEventOptionsError);
  });

  it('take filters that are JSON', () => {
    const valid: CreateScript = {
      ...script,
      filters: { amount: { gte: 10 }, tags: ['a', 'b'], or: [{ a: 1 }] },
    };
    // @ts-expect-error -- a Date is not JSON: write its text
    const date: CreateScript = { ...script, filters: { at: { gte: new Date(0) } } };
    // @ts-expect-error -- a function is not JSON
    const call: CreateScript = { ...script, filters: { at: () => 1 } };
    expect([valid, date, call]).toHaveLength(3);
  });
});

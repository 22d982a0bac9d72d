import { ScriptSandbox } from '../../lib/sandbox/index.js';
import type { Isolation, Outcome } from '../../lib/sandbox/index.js';

const PATIENT = { timeoutMs: 60_000 };
const NOT_HANDLED = 'A rejected promise was not handled before the script waited: ';

/** Programs that plain JavaScript completes, with their results and numbers of calls. */
const PROGRAMS: Record<string, { source: string; result: unknown; calls: number; noted: string[] }> = {
  'a rejection before the first call, handled after it': {
    source: `const audit = (async () => { throw new Error('off') })();
      const paid = await pay.charge(1);
      try { await audit } catch (error) { return [paid, error.message] }`,
    result: [1, 'off'],
    calls: 1,
    noted: ['off'],
  },
  'a rejection between two calls, handled after the second': {
    source: `await pay.charge(1);
      const audit = Promise.reject(new Error('off'));
      await pay.charge(2);
      return [await audit.catch(() => 'caught'), await pay.charge(3)]`,
    result: ['caught', 3],
    calls: 3,
    noted: ['off'],
  },
  'a rejection that is never handled, in each step': {
    source: `for (let i = 0; i < 3; i++) { Promise.reject(i); await pay.charge(i) } return 'done'`,
    result: 'done',
    calls: 3,
    noted: ['0', '1', '2'],
  },
  'a thenable that throws, handled later': {
    source: `const p = Promise.resolve({ then() { throw new Error('odd') } });
      await pay.charge(1);
      return p.catch((error) => error.message)`,
    result: 'odd',
    calls: 1,
    noted: ['odd'],
  },
  'a rejection in a reaction to an answer': {
    source: `const late = pay.charge(1).then(() => { throw new Error('late') });
      await pay.charge(2);
      await pay.charge(3);
      return late.catch((error) => error.message)`,
    result: 'late',
    calls: 3,
    noted: ['late'],
  },
  'several calls at once, of which the sandbox refuses one': {
    source: `const calls = [pay.charge('x'.repeat(300 * 1024)), pay.charge(1), pay.charge(2)];
      const answers = [await calls[2], await calls[1]];
      return [...answers, await calls[0].catch((error) => error.code)]`,
    result: [2, 1, 'bindingBytes'],
    calls: 2,
    noted: ['pay.charge: the argument has at least 307202 bytes; the limit is 262144'],
  },
  'a call that the host refuses, while another is awaited': {
    source: `const refused = pay.charge('refuse');
      await pay.charge(1);
      await pay.charge(2);
      return refused.catch((error) => error.code)`,
    result: 'failed',
    calls: 3,
    noted: ['pay.charge failed'],
  },
  'a rejection with an object that cannot be copied': {
    source: `const p = Promise.reject({ get message() { throw 1 }, f() {} });
      await pay.charge(1);
      return p.catch(() => 'caught')`,
    result: 'caught',
    calls: 1,
    noted: [
      'An object was thrown from supplied code within isolated-vm, but that object was not an instance of `Error`.',
    ],
  },
};

describe.each<Isolation>(['compartment', 'context', 'isolate'])('in isolation "%s",', (isolation) => {
  const sandbox = new ScriptSandbox({ isolation, processes: { max: 1 } });
  let calls = 0;

  afterAll(() => sandbox.stop());

  const run = (source: string): Promise<Outcome> => {
    calls = 0;
    return sandbox.run({
      source,
      tenantId: 'a',
      scriptId: 's',
      version: 1,
      limits: PATIENT,
      bindings: ['pay.charge'],
      callBinding: async (_, amount) => {
        calls++;
        if (amount === 'refuse') throw new Error('no');
        return amount;
      },
    });
  };

  test.each(Object.entries(PROGRAMS))(
    'a run goes on after %s, as plain JavaScript does',
    async (_, { source, result, calls: expected, noted }) => {
      const outcome = await run(source);
      expect(outcome).toMatchObject({ status: 'completed', result });
      expect(calls).toBe(expected);
      expect(outcome.logs.map(({ message }) => message)).toEqual(noted.map((text) => NOT_HANDLED + text));
    },
  );

  test('a run that awaits a promise that nothing can settle times out, with and without a rejection before', async () => {
    for (const before of ['', "Promise.reject(new Error('lost'));"]) {
      const outcome = await run(`${before} await pay.charge(1); await new Promise(() => {})`);
      expect(outcome).toMatchObject({ status: 'failed', error: { kind: 'timeout' } });
    }
  });

  test('a run gets only the answers to its own calls', async () => {
    await run("pay.charge('mine'); Promise.reject(1); return 1");
    expect(await run('return pay.charge(2)')).toMatchObject({ status: 'completed', result: 2, logs: [] });
  });
});

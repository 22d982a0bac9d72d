import { ScriptSandbox } from '../../lib/sandbox/index.js';
import type { Outcome, SandboxRun } from '../../lib/sandbox/index.js';
import type { JsonValue } from '../../lib/common/json.js';
import { limitTests } from '../support/time-limits.js';

limitTests('busy');

/** A hundred numbers of four characters as raw JSON, and of 21 digits as everybody else writes them. */
const GROWS = "Array.from({ length: 100 }, () => JSON.rawJSON('9e20'))";
const RAW = JSON.stringify(Array(100).fill(9999)).length;
const PLAIN = JSON.stringify(Array(100).fill(9e20)).length;
const LIMIT = 1_000;

/** `JSON.rawJSON` exists on Node.js 22 and later. */
if ('rawJSON' in JSON) {
  describe('raw JSON', () => {
    proveRaw();
  });
} else {
  test('a script has no raw JSON, because this version of Node.js has none', async () => {
    const sandbox = new ScriptSandbox({ processes: { min: 1, max: 1 } });
    const run = { source: "return 'rawJSON' in JSON", tenantId: 't', scriptId: 's', version: 1 };
    expect(await sandbox.run(run)).toMatchObject({ status: 'completed', result: false });
    await sandbox.stop();
  });
}

function proveRaw(): void {
  const sandbox = new ScriptSandbox({ processes: { min: 1, max: 1 } });
  const received: JsonValue[] = [];
  const runs = (source: string, over: Partial<SandboxRun> = {}): Promise<Outcome> =>
    sandbox.run({
      source,
      tenantId: 't',
      scriptId: source,
      version: 1,
      bindings: ['crm.find'],
      callBinding: async (_name, args) => {
        received.push(args);
        return args;
      },
      ...over,
    });
  beforeAll(() => sandbox.start());
  afterAll(() => sandbox.stop());
  beforeEach(() => {
    received.length = 0;
  });

  test('is measured as the host writes it: a payload that would grow over publishBytes throws a LimitError', async () => {
    expect([RAW < LIMIT, PLAIN > LIMIT]).toEqual([true, true]);
    const source = `try { events.publish('a.b', { x: ${GROWS} }); } catch (error) { return [error.name, error.code]; }`;
    expect(await runs(source, { limits: { publishBytes: LIMIT } })).toMatchObject({
      result: ['LimitError', 'publishBytes'],
      published: [],
    });
    const within = await runs(source, { limits: { publishBytes: PLAIN + '{"x":}'.length } });
    expect(within).toMatchObject({ result: null, published: [{ payload: { x: Array(100).fill(9e20) } }] });
  });

  test('that would grow over resultBytes is rejected with its size, and otherwise returned in full', async () => {
    expect(await runs(`return ${GROWS}`, { limits: { resultBytes: LIMIT } })).toMatchObject({
      error: {
        kind: 'rejected',
        message: `The result has at least ${PLAIN} bytes; the limit is resultBytes = ${LIMIT}`,
      },
    });
    const within = await runs(`return ${GROWS}`, { limits: { resultBytes: PLAIN } });
    expect(within).toMatchObject({ status: 'completed', resultText: JSON.stringify(Array(100).fill(9e20)) });
  });

  test('that would grow over bindingBytes makes a call reject with a LimitError', async () => {
    const source = `try { return await crm.find(${GROWS}); } catch (error) { return [error.name, error.code]; }`;
    expect(await runs(source, { limits: { bindingBytes: LIMIT } })).toMatchObject({
      result: ['LimitError', 'bindingBytes'],
    });
    expect(received).toEqual([]);
    await runs(source, { limits: { bindingBytes: PLAIN } });
    expect(received).toEqual([Array(100).fill(9e20)]);
  });

  test('in a log line counts towards logBytes as the host writes it', async () => {
    const line = { level: 'info', message: 'x', data: Array(100).fill(9e20) };
    const bytes = JSON.stringify(line).length;
    const kept = async (logBytes: number): Promise<unknown> =>
      (await runs(`sdk.log.info('x', ${GROWS}); return 1`, { limits: { logBytes } })).logs;
    expect(await kept(bytes)).toEqual([line]);
    expect(await kept(bytes - 1)).toEqual([]);
  });

  test.each(['1e400', '-1e400', '-0', '1.0', '0.10', '1E2', '9e20', '1e-7', '1e300', '12345678901234567890'])(
    'of the number %s becomes what the host stores, everywhere',
    async (number) => {
      const plain: unknown = JSON.parse(JSON.stringify(JSON.parse(number)));
      const source = `const n = JSON.rawJSON('${number}'); sdk.log.info('x', n); events.publish('a.b', { n }); await crm.find({ n }); return { n }`;
      const outcome = await runs(source);
      expect(outcome).toMatchObject({
        status: 'completed',
        result: { n: plain },
        resultText: JSON.stringify({ n: plain }),
        published: [{ payload: { n: plain } }],
        logs: [{ data: plain }],
      });
      expect(received).toEqual([{ n: plain }]);
    },
  );

  test('of a number with more digits than a double can hold becomes null', async () => {
    const source = "return JSON.rawJSON('1' + '0'.repeat(400))";
    expect(await runs(source)).toMatchObject({ result: null, resultText: 'null' });
  });

  test('keeps its digits in a text that a script makes itself', async () => {
    const source = "return JSON.stringify({ id: JSON.rawJSON('12345678901234567890') })";
    expect(await runs(source)).toMatchObject({ result: '{"id":12345678901234567890}' });
  });

  test('is made by a function that looks like the one of the language', async () => {
    const source = `const { rawJSON } = JSON; const raw = rawJSON('1');
      let refused; try { rawJSON('{}'); } catch (error) { refused = error.name; }
      let made; try { new rawJSON('1'); } catch (error) { made = error.name; }
      return [rawJSON.name, rawJSON.length, JSON.isRawJSON(raw), refused, made, 'prototype' in rawJSON, Object.keys(JSON)]`;
    expect(await runs(source)).toMatchObject({
      result: ['rawJSON', 1, true, 'SyntaxError', 'TypeError', false, []],
    });
  });
}

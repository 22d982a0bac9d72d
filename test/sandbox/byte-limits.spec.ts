import { ScriptSandbox } from '../../lib/sandbox/index.js';
import type { Outcome, SandboxLimits, SandboxRun } from '../../lib/sandbox/index.js';

/** A text of each kind of character. As JSON, a lone surrogate is an escape of six bytes, and U+0000 too. */
const KINDS: [kind: string, character: string][] = [
  ['one-byte characters', 'x'],
  ['two-byte characters', 'é'],
  ['three-byte characters', '€'],
  ['four-byte characters', '😀'],
  ['lone surrogates', '\ud800'],
  ['control characters', '\u0000'],
];
const COUNT = 400;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
/** A text of the character, with a few other characters, that has `bytes` bytes as JSON. */
function filled(character: string, bytes: number): string {
  const each = bytesOf(character) - 2;
  return character.repeat(Math.floor((bytes - 2) / each)) + 'x'.repeat((bytes - 2) % each);
}

const storable = (text: string): string => text.replaceAll(/\ud800(?![\udc00-\udfff])|\0/g, '\ufffd');

const sandbox = new ScriptSandbox({ processes: { max: 1 } });
afterAll(() => sandbox.stop());

const runs = (
  source: string,
  limits: Partial<SandboxLimits>,
  more: Partial<SandboxRun> = {},
): Promise<Outcome> =>
  sandbox.run({
    source: `const attempt = async (name, work) => { try { await work(); return name; } catch (e) { return e instanceof LimitError ? e.code : String(e); } };\n${source}`,
    tenantId: 'a',
    scriptId: source,
    version: 1,
    limits: { timeoutMs: 60_000, ...limits },
    ...more,
  });

describe.each(KINDS)('with %s,', (_, character) => {
  const text = character.repeat(COUNT);
  const limit = bytesOf({ text });

  test('a payload of as many bytes as publishBytes is published, and a larger one throws a LimitError that the script can catch', async () => {
    const outcome = await runs(
      `const publish = (text) => attempt('published', () => events.publish('a.b', { text }));
      const { text, part } = ctx.input;
      return [await publish(text + 'x'), await publish(text), await publish(part)]`,
      { publishBytes: limit },
      { input: { text, part: character.repeat(COUNT - 1) } },
    );
    expect(outcome).toMatchObject({ result: ['publishBytes', 'published', 'published'] });
    expect(outcome.published.map(({ payload }) => payload)).toEqual([
      { text: storable(text) },
      { text: storable(character.repeat(COUNT - 1)) },
    ]);
  });

  test('payloads of four times publishBytes together are published, and one more throws a LimitError that the script can catch', async () => {
    const outcome = await runs(
      `const publish = (payload) => attempt('published', () => events.publish('a.b', payload));
      const { text, shorter } = ctx.input;
      for (let i = 0; i < 3; i++) await publish({ text });
      return [await publish({ text: shorter }), await publish({ text }), await publish({}), await publish({})]`,
      { publishBytes: limit },
      // Leaves two bytes, as many as `{}` has.
      { input: { text, shorter: filled(character, bytesOf(text) - 2) } },
    );
    expect(outcome).toMatchObject({ result: ['published', 'publishBytes', 'published', 'publishBytes'] });
    expect(outcome.published).toHaveLength(5);
  });

  test('an argument of as many bytes as bindingBytes is sent, and a larger one throws a LimitError that the script can catch', async () => {
    const seen: unknown[] = [];
    const outcome = await runs(
      `const call = (text) => attempt('called', () => crm.find(text));
      return [await call(ctx.input + 'x'), await call(ctx.input), await call(ctx.input.slice(${character.length}))]`,
      { bindingBytes: bytesOf(text) },
      {
        input: text,
        bindings: ['crm.find'],
        callBinding: async (_name, args) => seen.push(args),
      },
    );
    expect(outcome).toMatchObject({
      result: ['bindingBytes', 'called', 'called'],
      metrics: { bindingCalls: 2 },
    });
    expect(seen).toEqual([storable(text), storable(text.slice(character.length))]);
  });

  test('an answer of as many bytes as bindingBytes arrives, and a larger one throws a LimitError that the script can catch', async () => {
    const outcome = await runs(
      `return [await attempt('larger', () => crm.find(1)), (await crm.find(0)) === ctx.input]`,
      { bindingBytes: bytesOf(text) },
      {
        input: text,
        bindings: ['crm.find'],
        callBinding: async (_name, more) => text + 'x'.repeat(more as number),
      },
    );
    expect(outcome).toMatchObject({ result: ['bindingBytes', true] });
  });

  test('a result of as many bytes as resultBytes is returned, and a larger one is rejected with its size', async () => {
    const limits = { resultBytes: bytesOf(text) };
    for (const input of [text, text.slice(character.length)])
      expect(await runs('return ctx.input', limits, { input })).toMatchObject({ result: storable(input) });
    expect(await runs("return ctx.input + 'x'", limits, { input: text })).toMatchObject({
      error: {
        kind: 'rejected',
        message: expect.stringMatching(
          new RegExp(`^The result has (at least )?\\d+ bytes; the limit is resultBytes = ${bytesOf(text)}$`),
        ),
      },
    });
  });

  test('log lines of as many bytes as logBytes are kept, and a line over it and all later ones are counted', async () => {
    const line = bytesOf({ level: 'info', message: text, data: { text } });
    const source =
      "for (let i = 0; i < 3; i++) sdk.log.info(ctx.input, { text: ctx.input }); sdk.log.info('x'); return 1";
    const keptOf = async (logBytes: number): Promise<number[]> => {
      const { logs, metrics } = await runs(source, { logBytes }, { input: text });
      expect(logs.every(({ message }) => message === storable(text))).toBe(true);
      return [logs.length, metrics.logsDropped];
    };
    expect(await keptOf(3 * line)).toEqual([3, 1]);
    expect(await keptOf(3 * line - 1)).toEqual([2, 2]);
    expect(await keptOf(2 * line - 1)).toEqual([1, 3]);
  });

  test('a message and a stack of as many bytes as their limits are kept, and longer ones are cut and end in a mark', async () => {
    const stored = storable(text);
    const bytes = Buffer.byteLength(stored);
    const limits = { messageBytes: bytes, stackBytes: bytes };
    const source = 'const e = new Error(ctx.input); e.stack = ctx.input; throw e';
    const thrown = async (input: string) => {
      const outcome = await runs(source, limits, { input });
      return outcome.status === 'failed' ? [outcome.error.message, outcome.error.stack] : [];
    };
    expect(await thrown(text)).toEqual([stored, stored]);
    for (const part of await thrown(text + 'x')) {
      expect(Buffer.byteLength(part!)).toBeLessThanOrEqual(bytes);
      expect(part!.endsWith('…')).toBe(true);
      expect(stored.startsWith(part!.slice(0, -1))).toBe(true);
    }
  });
});

test('a run that uses all its limits in three-byte characters completes and loses nothing', async () => {
  const [mib, calls] = [1024 * 1024, 4];
  const limits = {
    memoryMb: 256,
    resultBytes: 3 * mib,
    publishBytes: mib,
    logBytes: 2 * mib,
    bindingBytes: 3 * mib,
    bindingCalls: calls,
  };
  const seen: unknown[] = [];
  const outcome = await runs(
    `const fill = (bytes) => '€'.repeat(Math.floor(bytes / 3)) + 'x'.repeat(bytes % 3);
    const most = fill(${limits.bindingBytes} - 2);
    const calls = [crm.find(fill(65_536 * 3 - 6)), crm.find(most), crm.find(most), crm.find(fill(65_536 * 3 - 6))];
    for (let i = 0; i < 4; i++) events.publish('a.b', { x: fill(${limits.publishBytes} - 8) });
    for (let bytes = 0; bytes < ${limits.logBytes}; bytes += 16_384) sdk.log.info(fill(16_384 - 29));
    await Promise.all(calls);
    return fill(${limits.resultBytes} - 2)`,
    limits,
    { bindings: ['crm.find'], callBinding: async (_, args) => seen.push(args) },
  );
  expect(outcome).toMatchObject({ status: 'completed', metrics: { bindingCalls: calls, logsDropped: 0 } });
  expect(bytesOf(outcome.status === 'completed' && outcome.result)).toBe(limits.resultBytes);
  expect(outcome.published.map(({ payload }) => bytesOf(payload))).toEqual(Array(4).fill(mib));
  expect(outcome.logs.reduce((sum, line) => sum + bytesOf(line), 0)).toBe(limits.logBytes);
  expect(seen.map(bytesOf)).toEqual([196_604, limits.bindingBytes, limits.bindingBytes, 196_604]);
});

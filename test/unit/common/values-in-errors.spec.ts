import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidEventBufferError } from '../../../lib/buffer/event-buffer.errors.js';
import { ScriptsEventError } from '../../../lib/common/errors.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { ScriptsEventOptions } from '../../../lib/options/scripts-event.options.js';
import { prepareRun } from '../../../lib/sandbox/prepared-run.js';
import { ProcessLimits, SandboxLimits, ScriptSandbox } from '../../../lib/sandbox/index.js';
import { FakeClock } from '../../../lib/testing/index.js';

/** Values that a host may pass by mistake, whose conversion to text throws, misleads or takes very long. */
const STRANGE: [string, unknown][] = [
  ['an object', {}],
  ['an object without a prototype', Object.create(null)],
  ['an object that names itself', { toString: () => '[object Mine]', [Symbol.toPrimitive]: () => 'mine' }],
  ['a list', [{}]],
  ['a symbol', Symbol('s')],
  ['a large bigint', 10n ** 5_000n],
  ['a function', () => 'x'.repeat(10_000)],
  ['a long text of several lines', `a\u0000\u001b[31m\n${'x'.repeat(20_000)}`],
  ['not a number', Number.NaN],
];

type Act = (value: unknown) => unknown;

const optionPaths = (Object.entries(new ScriptsEventOptions()) as [string, unknown][]).flatMap(
  ([group, options]) =>
    typeof options === 'object' && options !== null
      ? Object.keys(options).map((name): [string, Act] => [
          `the option ${group}.${name}`,
          (value) => resolveOptions({ [group]: { [name]: value } } as never, {}),
        ])
      : [
          [`the option ${group}`, (value: unknown) => resolveOptions({ [group]: value } as never, {})] as [
            string,
            Act,
          ],
        ],
);

const run = { source: '', tenantId: 't', scriptId: 's' };

const ACTS: [string, Act][] = [
  ...optionPaths,
  ...Object.keys(new SandboxLimits()).map((name): [string, Act] => [
    `the limit ${name} of a sandbox`,
    (value) => new ScriptSandbox({ limits: { [name]: value } }),
  ]),
  ...Object.keys(new ProcessLimits()).map((name): [string, Act] => [
    `the limit ${name} of a sandbox's processes`,
    (value) => new ScriptSandbox({ processes: { [name]: value } }),
  ]),
  ['an unknown limit', (value) => new ScriptSandbox({ limits: { ['constructor']: value } as never })],
  ['the isolation of a sandbox', (value) => new ScriptSandbox({ isolation: value as never })],
  ['the version of a run', (value) => prepareRun({ ...run, version: value as never }, new SandboxLimits())],
  ['the length of time of a clock', (value) => new FakeClock(0).advance(value as never)],
  ['the moment of a clock', (value) => new FakeClock(0).set(value as never)],
  [
    'the field durable of a buffer',
    (value) => {
      throw InvalidEventBufferError.notDurable('Mine', value);
    },
  ],
];

describe('an error that shows a value of the host', () => {
  it.each(ACTS)('describes a value for %s in a few printable words, whatever the value is', (_what, act) => {
    for (const [kind, value] of STRANGE) {
      let error: unknown;
      try {
        act(value);
        continue; // Some options take it: a function, a text, a list.
      } catch (thrown) {
        error = thrown;
      }
      expect({ kind, error }).toEqual({ kind, error: expect.any(ScriptsEventError) });
      const { message } = error as Error;
      expect(message).not.toMatch(/\[object|Symbol\(|=> 'x'/);
      // eslint-disable-next-line no-control-regex -- what must not be there
      expect(message.replaceAll('\n', ' ')).not.toMatch(/[\u0000-\u001f]/);
      expect(message.length).toBeLessThan(2_000);
    }
  });

  it('never converts a value with String, which throws for some values and runs code of others', () => {
    const lib = join(__dirname, '../../../lib');
    const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    const found = files.filter((file) => readFileSync(join(lib, file), 'utf8').includes('${String('));
    // Names of methods, which are text or symbols; numbers of lines; an error of isolated-vm.
    expect(found.toSorted()).toEqual([
      'cli/run/code-frame.ts',
      'cli/types/app-surface.ts',
      'common/decorated-methods.ts',
      'sandbox/child/isolate-runner.ts',
    ]);
  });
});

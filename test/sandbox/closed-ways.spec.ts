import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptSandbox } from '../../lib/sandbox/index.js';
import { childFlags } from '../../lib/sandbox/process/child-flags.js';
import { FULL } from '../support/test-form.js';

const CHILD = join(__dirname, '..', '..', 'dist', 'lib', 'sandbox', 'child');

/** Attempts of code that has broken out of its isolate. Each would leave a file, or a way to make one. */
const TRIES: Record<string, string> = {
  'a file': `require('node:fs').writeFileSync(out + '/file', 'x')`,
  'a trace': `const t = require('node:trace_events').createTracing({ categories: ['node', 'v8'] }); t.enable(); t.disable()`,
  'a report': `process.report.writeReport(out + '/report.json')`,
  'a snapshot of the heap': `require('node:v8').writeHeapSnapshot(out + '/heap.heapsnapshot')`,
  'a database': `new (require('node:sqlite').DatabaseSync)(out + '/db').exec('CREATE TABLE a (b)')`,
  'a cache of code': `require('node:module').enableCompileCache(out + '/cache')`,
  'a program': `require('node:child_process').execFileSync('touch', [out + '/program'])`,
  'another program in place of this': `process.execve('/bin/touch', ['touch', out + '/execve'])`,
};
/** Attempts that only a sealed child refuses. */
const SEALED: Record<string, string> = {
  'a log of V8': `const v8 = require('node:v8'); for (const flag of ['--logfile=' + out + '/v8.log', '--no-logfile-per-isolate', '--log']) v8.setFlagsFromString(flag); new (require('node:worker_threads').Worker)('1', { eval: true })`,
  'a socket': `require('node:net').createServer().listen(out + '/socket')`,
  'a native module': `process.dlopen({ exports: {} }, '/lib/x86_64-linux-gnu/libm.so.6')`,
  'a built-in module by another way': `process.getBuiltinModule('node:net').createServer().listen(out + '/socket')`,
  'a debugger': `require('node:inspector').open(0)`,
  'code from a string': `new Function('return 1')()`,
};

/** In the short form, one process makes all attempts. */
const together = (attacks: Record<string, string>): [names: string, attacks: string[]][] =>
  FULL
    ? Object.entries(attacks).map(([name, attack]) => [name, [attack]])
    : [[Object.keys(attacks).join(', '), Object.values(attacks)]];

describe('a sandbox process in which code has broken out of its isolate', () => {
  let out: string;
  beforeEach(() => void (out = mkdtempSync(join(tmpdir(), 'closed-ways-'))));
  afterEach(() => rmSync(out, { recursive: true }));

  /** Makes the attempts one after the other, in one process. */
  const attempt = (attacks: readonly string[], sealed: boolean): string => {
    const program = `
      const out = ${JSON.stringify(out)};
      ${sealed ? `require(${JSON.stringify(join(CHILD, 'sealed.js'))}).seal();` : ''}
      ${attacks.map((attack) => `try { ${attack}; console.log('open'); } catch (error) { console.log('closed'); }`).join('\n')}
      setTimeout(() => process.exit(), 200);`;
    return spawnSync(process.execPath, [...childFlags(true), '-e', program], {
      cwd: out,
      encoding: 'utf8',
      env: {},
      timeout: 30_000,
      killSignal: 'SIGKILL',
    }).stdout;
  };

  test.each(together(TRIES))('cannot write or start %s, by its flags alone', (_, attacks) => {
    attempt(attacks, false);
    expect(readdirSync(out)).toEqual([]);
  });

  test.each(together({ ...TRIES, ...SEALED }))('cannot get %s after it was sealed', (_, attacks) => {
    expect(attempt(attacks, true)).toBe('closed\n'.repeat(attacks.length));
    expect(readdirSync(out)).toEqual([]);
  });

  test('still runs scripts after it was sealed', async () => {
    const sandbox = new ScriptSandbox();
    const source = `return [eval('1 + 1'), new Function('return 3')(), await (async () => 4)()]`;
    const run = { source, tenantId: 't', scriptId: 's', version: 1 };
    expect(await sandbox.run(run)).toMatchObject({ status: 'completed', result: [2, 3, 4] });
    await sandbox.stop();
  });
});

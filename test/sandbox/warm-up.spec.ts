import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CHILD = join(__dirname, '..', '..', 'dist', 'lib', 'sandbox', 'child');

/** Makes a home and runs a script in it, as a process does with or without a warm-up. */
const program = (isWarm: boolean): string => `
const ivm = require('isolated-vm');
const { warmUp } = require(${JSON.stringify(join(CHILD, 'warm-up.js'))});
const { Home } = require(${JSON.stringify(join(CHILD, 'home.js'))});
if (${isWarm}) warmUp();
const limits = { memoryMb: 64, timeoutMs: 99, resultBytes: 99, logLines: 9, logBytes: 99, messageBytes: 99, stackBytes: 99,
  publishes: 1, publishBytes: 9, bindingCalls: 1, bindingBytes: 9, depth: 9 };
const settings = { isolation: 'compartment', bindings: [], reservedEventTypes: [], limits };
const home = new Home(settings);
const { realm, begin } = home.enter({ script: 0, settings, source: "sdk.log.info('a'); return ctx.input.a;" });
const nothing = new ivm.Callback(() => {});
const completed = new ivm.Callback((result) => console.log(result));
realm.connect({ log: new ivm.Callback(() => true), dropped: nothing, call: nothing, completed, failed: nothing, rejected: nothing });
begin.applySync(undefined, ['{}', '{"a":7}'], { timeout: 60_000 });
home.leave(realm);
process.reallyExit(0);`;

/** Number of functions of our own program that V8 has compiled for the home. Each new isolate overwrites the log file. */
function compiledFor(isWarm: boolean): number {
  const folder = mkdtempSync(join(tmpdir(), 'warm-up-'));
  try {
    const log = join(folder, 'v8.log');
    const flags = [
      '--no-node-snapshot',
      '--log-function-events',
      '--no-logfile-per-isolate',
      `--logfile=${log}`,
    ];
    const said = execFileSync(process.execPath, [...flags, '-e', program(isWarm)], {
      cwd: join(__dirname, '..', '..'),
      encoding: 'utf8',
    });
    expect(said).toBe('7\n');
    const lines = readFileSync(log, 'latin1')
      .split('\n')
      .map((line) => line.split(','));
    const ours = new Set(
      lines
        .filter(([event, , file]) => event === 'script-details' && file === 'sandbox:prelude')
        .map(([, id]) => id),
    );
    expect(ours.size).toBe(1);
    return lines.filter(([event, step, id]) => event === 'function' && step === 'interpreter' && ours.has(id))
      .length;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('a process that has warmed up', () => {
  test('compiles no function of the package again for a script in a new home', () => {
    expect(compiledFor(false)).toBeGreaterThan(20);
    expect(compiledFor(true)).toBe(0);
  });
});

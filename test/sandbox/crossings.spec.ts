import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ScriptSandbox } from '../../lib/sandbox/index.js';
import type { SandboxEvent } from '../../lib/sandbox/index.js';
import { describeInFull } from '../support/test-form.js';
import { limitTests } from '../support/time-limits.js';

limitTests('busy');

const ROOT = join(__dirname, '..', '..');
const CHILD = join(ROOT, 'dist', 'lib', 'sandbox', 'child');
const TIMES = 20_000;
const MOST = { logLines: 20, bindingCalls: 10 };
/** Reports of the dropped lines: each time their number has grown by a fifth. */
const REPORTS = 60;

interface Loop {
  does: string;
  /** One statement, which is repeated. */
  once: string;
  calls: { log?: number; dropped?: number; call?: number };
}

const LOOPS: Loop[] = [
  { does: 'logs beyond logLines', once: "sdk.log.info('x')", calls: { log: 20, dropped: REPORTS } },
  { does: 'logs data', once: "console.error('x', { a: 1 }, [2])", calls: { log: 20, dropped: REPORTS } },
  {
    does: 'logs beyond logBytes',
    once: "sdk.log.warn('x'.repeat(700))",
    calls: { log: 3, dropped: REPORTS },
  },
  {
    does: 'logs while its data is serialised',
    once: "sdk.log.debug('x', { toJSON() { sdk.log.info('y'); } })",
    calls: { log: 20, dropped: REPORTS },
  },
  { does: 'calls a binding beyond bindingCalls', once: 'crm.find({}).catch(() => {})', calls: { call: 10 } },
  {
    does: 'calls a binding with too large arguments',
    once: "crm.find('x'.repeat(2_000)).catch(() => {})",
    calls: {},
  },
  { does: 'calls its store', once: "store.set('k', 1).catch(() => {})", calls: { call: 10 } },
  { does: "calls its tenant's store", once: 'store.tenant.list().catch(() => {})', calls: { call: 10 } },
  {
    does: 'hashes and signs',
    once: 'sdk.hash({}).catch(() => {}); sdk.hmac({}).catch(() => {})',
    calls: { call: 10 },
  },
  {
    does: 'publishes beyond publishes and publishBytes',
    once: "try { events.publish('a.b', { x: 'x'.repeat(20) }) } catch {}",
    calls: {},
  },
  { does: 'publishes a reserved type', once: "try { events.publish('host.own', {}) } catch {}", calls: {} },
  {
    does: 'reads unknown secrets and variables',
    once: 'try { secrets.a } catch {} try { vars.b } catch {} vars.get("c")',
    calls: {},
  },
  { does: 'rejects promises', once: 'Promise.reject(1)', calls: {} },
];

/** Runs each loop in a home as a process does, and prints how often it called the process, and what was reported. */
const program = `
const ivm = require('isolated-vm');
const { Home } = require(${JSON.stringify(join(CHILD, 'home.js'))});
const limits = { memoryMb: 64, timeoutMs: 60_000, resultBytes: 99, logLines: ${MOST.logLines}, logBytes: 2_000, messageBytes: 99,
  stackBytes: 99, publishes: 5, publishBytes: 99, bindingCalls: ${MOST.bindingCalls}, bindingBytes: 1_000, depth: 9 };
const settings = { isolation: 'compartment', bindings: ['crm.find'], reservedEventTypes: ['host.own'], limits };
const told = [];
for (const once of ${JSON.stringify(LOOPS.map(({ once }) => once))}) {
  const source = 'for (let i = 0; i < ${TIMES}; i++) { ' + once + ' }';
  const home = new Home(settings);
  const { realm, begin } = home.enter({ script: 0, settings, source });
  const calls = {};
  let bytes = 0, dropped = 0, ended = '';
  const counted = (name, does) => new ivm.Callback((...args) => {
    calls[name] = (calls[name] ?? 0) + 1;
    return does?.(...args);
  });
  realm.connect({
    log: counted('log', (level, message) => (bytes += message.length) <= limits.logBytes),
    dropped: counted('dropped', (lines) => (dropped = lines)),
    call: counted('call'),
    completed: new ivm.Callback((result) => (ended = result)),
    failed: new ivm.Callback((error) => (ended = error)),
    rejected: new ivm.Callback((message) => (ended = message)),
  });
  try { begin.applySync(undefined, ['{}', '{}'], { timeout: limits.timeoutMs }); } catch {}
  const before = { calls: { ...calls }, last: dropped };
  realm.reportDropped();
  told.push({ ...before, ended, dropped });
  home.dispose();
}
process.stdout.write(JSON.stringify(told), () => process.reallyExit(0));`;

interface Told {
  calls: Record<string, number>;
  ended: string;
  last: number;
  dropped: number;
}

describe('a script in a loop', () => {
  const told: Told[] = [];

  beforeAll(() => {
    const said = execFileSync(process.execPath, ['--no-node-snapshot', '-e', program], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    told.push(...(JSON.parse(said) as Told[]));
  });

  test.each(LOOPS.map((loop, at) => [loop.does, loop.calls, at] as const))(
    'that %s calls its process only within its limits',
    (_, calls, at) => {
      const { dropped = 0, ...exact } = calls;
      const { dropped: reports = 0, ...others } = told[at]!.calls;
      expect(told[at]!.ended).toBe('null');
      expect(others).toEqual(exact);
      expect(reports).toBeLessThanOrEqual(dropped);
      expect(reports > 0).toBe(dropped > 0);
    },
  );

  test('has its dropped log lines counted exactly at the end, and nearly so before', () => {
    const counts = told.slice(0, 4).map(({ last, dropped }) => ({ last, dropped }));
    expect(counts.map(({ dropped }) => dropped)).toEqual([
      TIMES - 20,
      TIMES - 20,
      // The third line exceeds `logBytes`.
      TIMES - 2,
      // Data of a dropped line is not serialised: ten lines and the ten in their data are kept.
      TIMES - 10,
    ]);
    for (const { last, dropped } of counts) expect(last).toBeGreaterThan((dropped * 5) / 6 - 1);
  });
});

describeInFull('an endless loop', () => {
  const events: SandboxEvent[] = [];
  const sandbox = new ScriptSandbox({
    processes: { min: 1, max: 1 },
    limits: { timeoutMs: 400 },
    onEvent: (event) => events.push(event),
  });
  beforeAll(() => sandbox.start());
  afterAll(() => sandbox.stop());

  // The first describe counts the calls of the same loops.
  test.each(LOOPS.map(({ does, once }) => [does, once]))(
    'that %s ends as timeout, and its process stays',
    async (does, once) => {
      const run = { tenantId: 't', scriptId: does, version: 1, bindings: ['crm.find'] };
      const callBinding = async (): Promise<null> => null;
      const outcome = await sandbox.run({ ...run, callBinding, source: `for (;;) { ${once} }` });
      expect(outcome).toMatchObject({ status: 'failed', error: { kind: 'timeout' } });
      expect(outcome).not.toHaveProperty('error.processLost');
      expect(outcome.metrics.logsDropped > 0).toBe(does.startsWith('logs'));
      expect(await sandbox.run({ ...run, callBinding, source: 'return 1' })).toMatchObject({ result: 1 });
      expect(events.map(({ type }) => type)).toEqual(['process-started']);
    },
  );
});

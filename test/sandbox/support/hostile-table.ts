import { readFileSync } from 'node:fs';
import { ScriptSandbox, SandboxLimits } from '../../../lib/sandbox/index.js';
import type {
  FailureKind,
  Isolation,
  Outcome,
  SandboxEvent,
  SandboxRun,
} from '../../../lib/sandbox/index.js';
import { LoopMonitor } from './loop-monitor.js';
import { recordProblems } from './storable.js';

/** One attempt and the verdict it must get. */
export interface Attempt {
  name: string;
  source: string;
  /** `completed`, a kind of failure, or several where the engine's version decides which bound is met first. */
  verdict: 'completed' | FailureKind | readonly ('completed' | FailureKind)[];
  run?: Partial<SandboxRun>;
  /** More to be proved about the outcome. */
  proves?: (outcome: Outcome) => void;
}

/** How often each table is repeated. */
const ROUNDS = Number(process.env['SANDBOX_TABLE_ROUNDS'] ?? 1);
/** Which way of keeping runs apart the tables are run with. */
const ISOLATION = (process.env['SANDBOX_TABLE_ISOLATION'] ?? 'compartment') as Isolation;

const TABLE_LIMITS = { timeoutMs: 300, memoryMb: 24 };
/** For attempts that end by themselves: on a busy machine a short timeout would be a verdict by luck. */
const PATIENT_MS = 5_000;
/** From the end of `timeoutMs` on. */
const END_WITHIN_MS = 2_000;
const STALL_MS = 100;

/** Defines one test per attempt and round, and those that look at what is left after all of them. */
export function describeAttempts(title: string, attempts: readonly Attempt[]): void {
  describe(title, () => {
    const limits = Object.assign(new SandboxLimits(), TABLE_LIMITS);
    const monitor = new LoopMonitor();
    const pids = new Set<number>();
    const unhandled: unknown[] = [];
    const noteUnhandled = (reason: unknown): void => void unhandled.push(reason);
    const onEvent = (event: SandboxEvent): void => {
      if (event.type === 'process-started') pids.add(event.pid);
      if (event.type === 'process-ended') pids.delete(event.pid);
    };
    const sandbox = new ScriptSandbox({
      limits: TABLE_LIMITS,
      processes: { min: 1, max: 3, memoryMb: 320 },
      isolation: ISOLATION,
      onEvent,
    });

    beforeAll(async () => {
      process.on('unhandledRejection', noteUnhandled);
      await sandbox.start();
      monitor.start();
    });

    afterAll(async () => {
      monitor.stop();
      await sandbox.stop();
      process.off('unhandledRejection', noteUnhandled);
    });

    for (let round = 1; round <= ROUNDS; round++) {
      const suffix = ROUNDS > 1 ? ` (round ${round})` : '';
      test.each(attempts.map((attempt) => [attempt.name + suffix, attempt] as const))(
        '%s',
        async (_, attempt) => {
          monitor.takeWorst();
          const startedAt = performance.now();
          const timeoutMs =
            attempt.run?.limits?.timeoutMs ?? (mayTimeOut(attempt) ? TABLE_LIMITS.timeoutMs : PATIENT_MS);
          const outcome = await sandbox.run({
            ...runOf(attempt),
            ...attempt.run,
            limits: { ...attempt.run?.limits, timeoutMs },
          });
          const { durationMs } = outcome.metrics;
          const elapsed = performance.now() - startedAt;

          expect(verdictOf(outcome)).toBeOneOfVerdicts(attempt.verdict);
          attempt.proves?.(outcome);
          expect(recordProblems(outcome, limits)).toEqual([]);
          expect(durationMs).toBeLessThan(timeoutMs + END_WITHIN_MS);
          expect(elapsed).toBeGreaterThanOrEqual(durationMs);
          expect(monitor.takeWorst()).toBeLessThan(STALL_MS);
          expect(await neighbour(sandbox)).toEqual({ status: 'completed', result: 'fine' });
          expect(unhandled).toEqual([]);
        },
      );
    }

    test('no process uses the processor one second after the last attempt', async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const before = cpuTicks(pids);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(cpuTicks(pids) - before).toBeLessThanOrEqual(3);
      expect(sandbox.stats()).toMatchObject({ queued: 0, processes: { busy: 0 } });
    });
  });
}

const runOf = ({ name, source }: Attempt): SandboxRun => ({
  source,
  tenantId: 'hostile',
  scriptId: name,
  version: 1,
  input: { items: [1, 2, 3], name: 'input' },
});

const mayTimeOut = ({ verdict }: Attempt): boolean => [verdict].flat().includes('timeout');

/** The next script of another tenant. */
async function neighbour(sandbox: ScriptSandbox): Promise<{ status: string; result?: unknown }> {
  const source =
    "if (Object.keys(Object.prototype).length > 0 || [].x !== undefined) return 'polluted'; return 'fine'";
  const outcome = await sandbox.run({
    source,
    tenantId: 'neighbour',
    scriptId: 'n',
    version: 1,
    limits: { timeoutMs: 5_000 },
  });
  return outcome.status === 'completed' ? { status: outcome.status, result: outcome.result } : outcome;
}

export const verdictOf = (outcome: Outcome): string =>
  outcome.status === 'completed' ? 'completed' : `${outcome.error.kind}: ${outcome.error.message}`;

/** Processor time of the processes in hundredths of a second; 0 where the system has no `/proc`. */
function cpuTicks(pids: Iterable<number>): number {
  let ticks = 0;
  for (const pid of pids) {
    const fields = statOf(pid).split(' ');
    ticks += Number(fields[13] ?? 0) + Number(fields[14] ?? 0);
  }
  return ticks;
}

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return '';
  }
}

expect.extend({
  toBeOneOfVerdicts(received: string, wanted: string | readonly string[]) {
    const verdicts = typeof wanted === 'string' ? [wanted] : wanted;
    const pass = verdicts.includes(received.split(':', 1)[0]!);
    return { pass, message: () => `expected the verdict ${verdicts.join(' or ')}, got ${received}` };
  },
});

declare global {
  // eslint-disable-next-line typescript/no-namespace -- how jest's matchers are declared
  namespace jest {
    interface Matchers<R> {
      toBeOneOfVerdicts(wanted: string | readonly string[]): R;
    }
  }
}

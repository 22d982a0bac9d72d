/* oxlint-disable jest/no-standalone-expect -- tests call these proofs */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SandboxLimits } from '../../../lib/sandbox/index.js';
import type { Isolation, Outcome, ProcessLimits, SandboxStats } from '../../../lib/sandbox/index.js';
import { testDataSource } from '../../support/postgres.js';
import { Program } from '../../support/program.js';
import { proveFewStalls } from './few-stalls.js';
import type { HostCommands, HostRun, HostSetup, WatchedRun } from './host.protocol.js';
import { burning, living } from './processes-at-rest.js';
import { ownLines, recordProblems } from './storable.js';
import { asStored, maxRowBytes, RecordStore } from './stored-record.js';

/** The isolation with which the tables run. */
export const ISOLATION = (process.env['SANDBOX_TABLE_ISOLATION'] ?? 'compartment') as Isolation;

/** Limits of every attempt that doesn't set its own. */
export const TABLE_LIMITS = { timeoutMs: 300, memoryMb: 24 };
/** A run must end within this time after `timeoutMs`, in the time of `LoopMonitor.takeLived`. */
const END_WITHIN_MS = 2_000;
/** Processor time that a process may use after a run, for work that V8 has postponed. */
const LEFT_OVER_MS = 500;
const STALL_MS = 100;
/** How often a script is repeated if its host was blocked, or its run was interrupted. */
const REPEATS = 2;
/** The message of a run that nobody is to blame for. */
const INTERRUPTED = 'The run was interrupted; the script is not at fault';

/**
 * A sandbox, with checks of everything that must hold for each run, whatever its script does. Its host is a separate
 * process, because the work and the memory of jest would count as blocked time of the host.
 */
export class WatchedSandbox {
  private host!: Program<HostCommands>;
  private store!: RecordStore;
  private runs = 0;
  /** Scripts that were repeated. */
  private readonly stalled: string[] = [];

  constructor(private readonly processes: Partial<ProcessLimits>) {}

  async start(): Promise<void> {
    this.store = new RecordStore(await testDataSource());
    const setup: HostSetup = {
      limits: TABLE_LIMITS,
      processes: { memoryMb: 320, ...this.processes },
      isolation: ISOLATION,
    };
    this.host = await Program.start<HostCommands>(join(__dirname, 'host.program.ts'), setup);
  }

  /** Stops the sandbox. Checks that none of its processes is left, and that few runs were repeated. */
  async stop(): Promise<void> {
    await this.host.tell('stop', null);
    const { pids } = await this.host.tell('traces', null);
    expect(living(pids, this.host.pid)).toEqual([]);
    await this.host.stop();
    proveFewStalls(this.stalled, this.runs);
  }

  /**
   * Runs a script and checks what must hold for every run: it ends in time, the host's event loop is not blocked, no
   * rejection reaches the host, the next script of another tenant completes, no process uses the processor any more, and the
   * record is within its limits and is read from PostgreSQL as it was stored.
   */
  async run(run: HostRun): Promise<Outcome> {
    const timeoutMs = run.limits?.timeoutMs ?? TABLE_LIMITS.timeoutMs;
    const { outcome, elapsedMs, livedMs, stalledMs } = await this.watch(run);

    expect(livedMs).toBeLessThan(timeoutMs + END_WITHIN_MS);
    expect(elapsedMs).toBeGreaterThanOrEqual(outcome.metrics.durationMs);
    expect(stalledMs).toBeLessThan(STALL_MS);
    expect(await this.neighbour()).toEqual({ status: 'completed', result: 'fine' });
    const { pids, unhandled } = await this.host.tell('traces', null);
    expect(await burning(pids, LEFT_OVER_MS, this.host.pid)).toEqual([]);
    expect(await this.stats()).toMatchObject({ queued: 0, processes: { busy: 0 } });
    expect(unhandled).toEqual([]);
    await this.proveStorable(outcome, run);
    return outcome;
  }

  /** Runs a script for tests with many runs at the same time, without the checks after each run. */
  runAmongOthers(run: HostRun): Promise<Outcome> {
    return this.host.tell('run', run);
  }

  stats(): Promise<SandboxStats> {
    return this.host.tell('stats', null);
  }

  /** Processes that still use the processor although nothing has run for a second. */
  async burningAfterASecond(): Promise<number[]> {
    await delay(1_000);
    const { pids } = await this.host.tell('traces', null);
    return burning(pids, LEFT_OVER_MS, this.host.pid);
  }

  /**
   * Runs a script, and repeats it if its host was blocked or its run was interrupted. The machine may cause that once.
   * If the script causes it, it occurs each time, and the last run shows it.
   */
  private async watch(run: HostRun): Promise<WatchedRun> {
    this.runs += 1;
    const seen = [await this.host.tell('watch', run)];
    while (isDisturbed(seen.at(-1)!) && seen.length <= REPEATS) {
      seen.push(await this.host.tell('watch', run));
    }
    if (seen.length > 1) {
      this.stalled.push(run.scriptId);
      const each = seen.map(
        ({ outcome, stalledMs }) => `${nameOf(outcome)} (host blocked for ${Math.round(stalledMs)} ms)`,
      );
      process.stderr.write(`"${run.scriptId}" was repeated: ${each.join(', ')}\n`);
    }
    return seen.at(-1)!;
  }

  private async proveStorable(outcome: Outcome, run: HostRun): Promise<void> {
    const limits = Object.assign(new SandboxLimits(), TABLE_LIMITS, run.limits);
    expect(recordProblems(outcome, limits)).toEqual([]);
    const { stored, bytes } = await this.store.keep(outcome);
    expect(stored).toEqual(asStored(outcome));
    const ownBytes = Buffer.byteLength(JSON.stringify(ownLines(outcome, limits)));
    expect(bytes).toBeLessThan(maxRowBytes(limits) + ownBytes);
  }

  /** Runs the next script, of another tenant. */
  private async neighbour(): Promise<{ status: string; result?: unknown }> {
    const source =
      "if (Object.keys(Object.prototype).length > 0 || [].x !== undefined) return 'polluted'; return 'fine'";
    const outcome = await this.host.tell('run', {
      source,
      tenantId: 'neighbour',
      scriptId: 'n',
      version: 1,
      limits: { timeoutMs: 60_000 },
    });
    return outcome.status === 'completed' ? { status: outcome.status, result: outcome.result } : outcome;
  }
}

const isDisturbed = ({ outcome, stalledMs }: WatchedRun): boolean =>
  stalledMs >= STALL_MS || (outcome.status === 'failed' && outcome.error.message === INTERRUPTED);

const nameOf = (outcome: Outcome): string =>
  outcome.status === 'completed' ? 'completed' : outcome.error.message;

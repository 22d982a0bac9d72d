/* oxlint-disable jest/no-standalone-expect -- tests call these proofs */
import { setTimeout as delay } from 'node:timers/promises';
import { ScriptSandbox, SandboxLimits } from '../../../lib/sandbox/index.js';
import type {
  Isolation,
  Outcome,
  ProcessLimits,
  SandboxEvent,
  SandboxRun,
} from '../../../lib/sandbox/index.js';
import { testDataSource } from '../../support/postgres.js';
import { LoopMonitor } from './loop-monitor.js';
import { burning, living } from './processes-at-rest.js';
import { recordProblems } from './storable.js';
import { asStored, maxRowBytes, RecordStore } from './stored-record.js';

/** Which way of keeping runs apart the tables are run with. */
export const ISOLATION = (process.env['SANDBOX_TABLE_ISOLATION'] ?? 'compartment') as Isolation;

/** Limits of every attempt that names none of its own. */
export const TABLE_LIMITS = { timeoutMs: 300, memoryMb: 24 };
/** From the end of `timeoutMs` on, in the time that this process lived through: see {@link LoopMonitor.takeLived}. */
const END_WITHIN_MS = 2_000;
/** Processor time that a process may use after a run, for what its engine puts off, before it must be at rest. */
const LEFT_OVER_MS = 500;
const STALL_MS = 100;

/** A sandbox, and everything that must hold for each run in it, whatever its script does. */
export class WatchedSandbox {
  readonly sandbox: ScriptSandbox;
  private readonly monitor = new LoopMonitor();
  private readonly pids = new Set<number>();
  private readonly unhandled: unknown[] = [];
  private store!: RecordStore;
  private readonly noteUnhandled = (reason: unknown): void => void this.unhandled.push(reason);

  constructor(processes: Partial<ProcessLimits>) {
    this.sandbox = new ScriptSandbox({
      limits: TABLE_LIMITS,
      processes: { memoryMb: 320, ...processes },
      isolation: ISOLATION,
      onEvent: (event) => this.note(event),
    });
  }

  async start(): Promise<void> {
    process.on('unhandledRejection', this.noteUnhandled);
    this.store = new RecordStore(await testDataSource());
    await this.sandbox.start();
    this.monitor.start();
  }

  /** Ends the sandbox; none of its processes is left. */
  async stop(): Promise<void> {
    this.monitor.stop();
    await this.sandbox.stop();
    process.off('unhandledRejection', this.noteUnhandled);
    expect(living(this.pids)).toEqual([]);
  }

  /**
   * Runs a script and proves what holds for every one: it ends in time, the host's loop has not stalled, no rejection
   * reached the host, the next script of another tenant completes, no process uses the processor any more, and the
   * record is within its bounds and comes back from PostgreSQL as it went in.
   */
  async run(run: SandboxRun): Promise<Outcome> {
    const timeoutMs = run.limits?.timeoutMs ?? TABLE_LIMITS.timeoutMs;
    this.monitor.takeWorst();
    this.monitor.takeLived();
    const startedAt = performance.now();
    const outcome = await this.sandbox.run(run);
    const elapsed = performance.now() - startedAt;
    const livedMs = this.monitor.takeLived();
    const stalledMs = this.monitor.takeWorst();

    expect(livedMs).toBeLessThan(timeoutMs + END_WITHIN_MS);
    expect(elapsed).toBeGreaterThanOrEqual(outcome.metrics.durationMs);
    expect(stalledMs).toBeLessThan(STALL_MS);
    expect(await this.neighbour()).toEqual({ status: 'completed', result: 'fine' });
    expect(await burning(this.pids, LEFT_OVER_MS)).toEqual([]);
    expect(this.sandbox.stats()).toMatchObject({ queued: 0, processes: { busy: 0 } });
    expect(this.unhandled).toEqual([]);
    await this.proveStorable(outcome, run);
    return outcome;
  }

  /** Processes that go on using the processor although nothing has run for a second. */
  async burningAfterASecond(): Promise<number[]> {
    await delay(1_000);
    return burning(this.pids, LEFT_OVER_MS);
  }

  private async proveStorable(outcome: Outcome, run: SandboxRun): Promise<void> {
    const limits = Object.assign(new SandboxLimits(), TABLE_LIMITS, run.limits);
    expect(recordProblems(outcome, limits)).toEqual([]);
    const { stored, bytes } = await this.store.keep(outcome);
    expect(stored).toEqual(asStored(outcome));
    expect(bytes).toBeLessThan(maxRowBytes(limits));
  }

  /** The next script of another tenant. */
  private async neighbour(): Promise<{ status: string; result?: unknown }> {
    const source =
      "if (Object.keys(Object.prototype).length > 0 || [].x !== undefined) return 'polluted'; return 'fine'";
    const outcome = await this.sandbox.run({
      source,
      tenantId: 'neighbour',
      scriptId: 'n',
      version: 1,
      limits: { timeoutMs: 60_000 },
    });
    return outcome.status === 'completed' ? { status: outcome.status, result: outcome.result } : outcome;
  }

  private note(event: SandboxEvent): void {
    if (event.type === 'process-started') this.pids.add(event.pid);
  }
}

import { messageOf } from '../common/errors.js';
import { inOwnContext } from '../common/own-context.js';
import { childAt } from '../common/own-file.js';
import { mergeLimits, mergeProcessLimits } from './limits-validation.js';
import type { Outcome, SourceProblem } from './outcome.js';
import { lineWithin } from './outcome-reader.js';
import { prepareRun } from './prepared-run.js';
import { ProcessStarter } from './process/process-starter.js';
import { neverRan } from './process/run-queue.js';
import { SandboxPool } from './process/sandbox-pool.js';
import { SourceChecks } from './process/source-checks.js';
import type { Blame, SandboxEvent, SandboxListener, SandboxStats } from './sandbox-events.js';
import type { SandboxRun } from './sandbox-run.js';
import { SandboxOptionsError, SandboxStartError } from './sandbox.errors.js';
import { SandboxLimits } from './sandbox.limits.js';
import type { ProcessLimits } from './sandbox.limits.js';
import { valueInWords } from '../common/printable.js';

/**
 * What a run shares with earlier runs. Runs of different tenants never share an isolate.
 *
 * - `compartment` (default): the isolate and the language's built-in objects, with all scripts of its tenant. These
 *   objects are frozen, so a script can't change `Array.prototype` or `JSON`
 * - `context`: the isolate and the compiled source, with its script and version. Every object is new, and a script may
 *   change anything
 * - `isolate`: nothing
 *
 * docs/performance.md says what each costs.
 */
export type Isolation = 'context' | 'isolate' | 'compartment';

const ISOLATIONS: readonly string[] = ['context', 'isolate', 'compartment'] satisfies Isolation[];

/** @publicApi */
export interface ScriptSandboxOptions {
  /** Limits of every run. Default: `new SandboxLimits()`. */
  limits?: Partial<SandboxLimits>;
  /** The pool of processes. Default: `new ProcessLimits()`. */
  processes?: Partial<ProcessLimits>;
  /** Default `compartment`. */
  isolation?: Isolation;
  /**
   * Whether to start processes under Node's permission model, if this version has it. Then even code that has broken
   * out of its isolate can't read the host's files or start a program. Default true. Turn it off if the package is in a
   * place that the model can't read, for example in a folder with "*" in its name.
   */
  permissions?: boolean;
  /**
   * The Node.js binary that scripts run on: version 20.19, 22 or 24, with isolated-vm installed for it. Default: that
   * of this process. Needed if the application runs on Bun. If it isn't such a binary, `start` rejects with {@link
   * SandboxStartError}.
   */
  nodePath?: string;
  /**
   * The program of a sandbox process: `dist/lib/sandbox/child/main.js` of an installed `nestjs-scripts-event` of this
   * version, as `require.resolve('nestjs-scripts-event/child')` finds it. Default: that of this package, or of the
   * package in a `node_modules` folder above the bundle that this package is part of. If it isn't such a program,
   * `start` rejects with {@link SandboxStartError}.
   */
  childPath?: string;
  /** Called for starts, ends, kills (with the script to blame) and crash loops. Its errors are ignored. */
  onEvent?: SandboxListener;
}

/**
 * Runs tenants' scripts in supervised child processes, never in the host's. A script's failure is an {@link Outcome};
 * `run` rejects only if the caller made a mistake.
 *
 * @publicApi
 */
export class ScriptSandbox {
  private readonly limits: SandboxLimits;
  private readonly pool: SandboxPool;
  private readonly checks: SourceChecks;
  private readonly listeners = new Set<SandboxListener>();
  private readonly merged = new WeakMap<Partial<SandboxLimits>, SandboxLimits>();
  private starting: Promise<void> | undefined;
  private stopped: Promise<void> | undefined;

  /** Throws {@link SandboxOptionsError} naming every option that is out of range. */
  constructor(options: ScriptSandboxOptions = {}) {
    const { isolation = 'compartment', permissions = true, nodePath } = options;
    const childPath = options.childPath === undefined ? undefined : childAt(options.childPath);
    if (!ISOLATIONS.includes(isolation)) {
      throw new SandboxOptionsError(
        `isolation = ${valueInWords(isolation)} must be one of ${ISOLATIONS.join(', ')}`,
      );
    }
    this.limits = mergeLimits(new SandboxLimits(), options.limits);
    const processes = mergeProcessLimits(options.processes);
    const emit = (event: SandboxEvent): void => this.emit(event);
    const starter = new ProcessStarter(processes, { isolation, permissions, nodePath, childPath });
    this.pool = new SandboxPool(processes, isolation, starter, emit);
    this.checks = new SourceChecks(processes, starter, emit);
    if (options.onEvent) this.listeners.add(options.onEvent);
  }

  /**
   * Resolves when `processes.min` processes are warm. Rejects with {@link SandboxStartError} if none can be started.
   */
  start(): Promise<void> {
    if (this.stopped)
      return Promise.reject(new SandboxStartError('The sandbox is stopped; create a new one'));
    this.starting ??= inOwnContext(() => this.pool.start()).catch((error: unknown) => {
      this.starting = undefined;
      throw error;
    });
    return this.starting;
  }

  /**
   * Runs one script and resolves with how it ended. Waits for a free process; tenants take turns. Starts the sandbox if
   * necessary. Rejects with {@link SandboxOptionsError} if the caller made a mistake: a missing id, a limit out of
   * range, text that is not JSON. If no process can be started, the run ends as `crashed`, and `start` says why.
   */
  async run(run: SandboxRun): Promise<Outcome> {
    const prepared = prepareRun(run, this.limitsOf(run));
    if (prepared.refusal !== undefined) return neverRan('rejected', prepared.refusal);
    if (this.starting === undefined && !this.stopped) this.start().catch(() => {});
    return inOwnContext(() => this.pool.run(prepared));
  }

  /**
   * Compiles a source without running it, as a run would. Returns null if it is fine. Takes no process of the pool, and
   * at most 2 seconds; a source that takes longer has a problem. The checks of a tenant run one after the other, and
   * those of two tenants at the same time. Rejects with {@link SandboxStartError} if no process can be started, and
   * with {@link SourceChecksFullError} if 20 checks of the tenant, or 1,000 in total, are waiting.
   *
   * @param options.tenantId whose source it is
   */
  async check(source: string, { tenantId }: { tenantId?: string } = {}): Promise<SourceProblem | null> {
    if (typeof source !== 'string')
      throw new SandboxOptionsError(`source is ${typeof source}; it must be a string`);
    const problem = await this.checks.check(source, tenantId);
    return problem?.line === undefined ? problem : { ...problem, line: lineWithin(source, problem.line) };
  }

  /**
   * Lets running scripts finish for `graceMs` (default 0), then cancels them and ends every process. Runs that wait for
   * a process are cancelled immediately. A second call waits for the first.
   */
  stop(graceMs = 0): Promise<void> {
    this.stopped ??= inOwnContext(async () => {
      await Promise.all([this.pool.stop(graceMs), this.checks.stop()]);
    });
    return this.stopped;
  }

  stats(): SandboxStats {
    const stats = this.pool.stats();
    return { ...stats, rssBytes: stats.rssBytes + Math.round(this.checks.rssMb() * 1024 * 1024) };
  }

  /** Scripts that ended a process, worst first; the last 1,000 are remembered. */
  blame(): Blame[] {
    return this.pool.blame();
  }

  /** Adds a listener. Call the returned function to remove it. */
  subscribe(listener: SandboxListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Limits that can't change are laid over the sandbox's own once: hosts pass the same ones with run after run. */
  private limitsOf({ limits: given }: SandboxRun): SandboxLimits {
    if (given === undefined) return this.limits;
    const known = this.merged.get(given);
    if (known) return known;
    const merged = mergeLimits(this.limits, given);
    if (Object.isFrozen(given)) this.merged.set(given, merged);
    return merged;
  }

  private emit(event: SandboxEvent): void {
    for (const listener of this.listeners) {
      try {
        inOwnContext(() => listener(event));
      } catch (error) {
        // An error of a listener, which is the host's code, must not end a run; the log shows it.
        process.emitWarning(`a sandbox listener failed: ${messageOf(error)}`, 'ScriptsEventWarning');
      }
    }
  }
}

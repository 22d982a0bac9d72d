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
 * - `compartment` (default): a run shares the isolate and the language's built-in objects with runs of all scripts of
 *   its tenant. These objects are frozen, so a script can't change `Array.prototype` or `JSON`
 * - `context`: a run shares the isolate and the compiled source with runs of the same version of its script. Every
 *   object is new, and a script may change any of them
 * - `isolate`: a run shares nothing
 *
 * docs/performance.md says what each costs.
 */
export type Isolation = 'context' | 'isolate' | 'compartment';

const ISOLATIONS: readonly string[] = ['context', 'isolate', 'compartment'] satisfies Isolation[];

/** @publicApi */
export interface ScriptSandboxOptions {
  /** Limits of every run. Default for each: that of `new SandboxLimits()`. */
  limits?: Partial<SandboxLimits>;
  /** Limits of the pool of processes. Default for each: that of `new ProcessLimits()`. */
  processes?: Partial<ProcessLimits>;
  /** What a run shares with earlier runs. Default `compartment`. */
  isolation?: Isolation;
  /**
   * Whether to start processes under Node's permission model, if this version has it. Then even code that has broken
   * out of its isolate can't read the host's files or start a program. Default true. Turn it off if the package is in a
   * place that the model can't read, for example in a folder with "*" in its name.
   */
  permissions?: boolean;
  /**
   * The Node.js binary that scripts run on: version 20.19 or later, with isolated-vm installed for it. Default: the
   * binary of this process. Required if the application runs on Bun. If the file isn't such a binary, `start` rejects
   * with {@link SandboxStartError}.
   */
  nodePath?: string;
  /**
   * The program of a sandbox process: `dist/lib/sandbox/child/main.js` of an installed `nestjs-scripts-event` of this
   * version, as `require.resolve('nestjs-scripts-event/child')` finds it. Default: the program of this package. If
   * this package is part of a bundle, the default is the program of the `nestjs-scripts-event` in a `node_modules`
   * folder above the bundle. If the file isn't such a program, `start` rejects with {@link SandboxStartError}.
   */
  childPath?: string;
  /**
   * Called when a process starts, ends or is ended by a script, and for crash loops. An error that it throws becomes a
   * warning of the Node.js process and has no other effect.
   */
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

  /** Throws {@link SandboxOptionsError} if an option is not valid. */
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
   * Resolves when `processes.min` processes, and at least one, are ready. Rejects with {@link SandboxStartError} if
   * processes can't be started, or if the sandbox has been stopped.
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
   * Runs one script and resolves with how the run ended. Waits for a free process; tenants take turns. Starts the
   * sandbox if necessary. Rejects with {@link SandboxOptionsError} if the caller made a mistake, such as a missing id,
   * a limit out of range, or an `inputText` that is not JSON. If no process can be started, the run ends as `crashed`,
   * and `start` says why. After `stop`, a run ends as `cancelled`.
   */
  async run(run: SandboxRun): Promise<Outcome> {
    const prepared = prepareRun(run, this.limitsOf(run));
    if (prepared.refusal !== undefined) return neverRan('rejected', prepared.refusal);
    if (this.starting === undefined && !this.stopped) this.start().catch(() => {});
    return inOwnContext(() => this.pool.run(prepared));
  }

  /**
   * Compiles a source as a run would, without running it. Resolves with the first problem, or with null if the source
   * compiles. If the compiler needs more than 2 seconds or too much memory, the problem is `too-slow`. Takes no
   * process of the pool. The checks of one tenant run one after the other, and those of two tenants at the same
   * time. Rejects with {@link SandboxOptionsError} if `source` is not a string, with {@link SandboxStartError} if no
   * process can be started or the sandbox has been stopped, and with {@link SourceChecksFullError} if 20 checks of the
   * tenant, or 1,000 in total, are waiting.
   *
   * @param options.tenantId the tenant that the source belongs to
   */
  async check(source: string, { tenantId }: { tenantId?: string } = {}): Promise<SourceProblem | null> {
    if (typeof source !== 'string')
      throw new SandboxOptionsError(`source is ${typeof source}; it must be a string`);
    const problem = await this.checks.check(source, tenantId);
    return problem?.line === undefined ? problem : { ...problem, line: lineWithin(source, problem.line) };
  }

  /**
   * Waits up to `graceMs` milliseconds for running scripts to finish, then cancels them and ends every process. Cancels
   * runs that wait for a process, and checks of sources, immediately. A second call waits for the first, and its
   * `graceMs` has no effect.
   *
   * @param graceMs default 0
   */
  stop(graceMs = 0): Promise<void> {
    this.stopped ??= inOwnContext(async () => {
      await Promise.all([this.pool.stop(graceMs), this.checks.stop()]);
    });
    return this.stopped;
  }

  /** The present state of the processes, and counts since the start. */
  stats(): SandboxStats {
    const stats = this.pool.stats();
    return { ...stats, rssBytes: stats.rssBytes + Math.round(this.checks.rssMb() * 1024 * 1024) };
  }

  /**
   * Whether the tenant's runs computed for long lately. Its runs then leave some processes to other tenants. After a run
   * that computed for 25 milliseconds or longer, its tenant is heavy for 100 times as long, at most 10 minutes.
   */
  isHeavy(tenantId: string): boolean {
    return this.pool.isHeavy(tenantId);
  }

  /** The tenants for which {@link isHeavy} returns true: at most the last 10,000. */
  heavyTenants(): string[] {
    return this.pool.heavyTenants();
  }

  /**
   * Adds a listener that is called with a tenant when {@link isHeavy} no longer returns true for it. Call the returned
   * function to remove it.
   */
  onTenantLight(listener: (tenantId: string) => void): () => void {
    return this.pool.onTenantLight(listener);
  }

  /**
   * Scripts that have ended processes, those that have ended most first. Only the last 1,000 scripts are remembered.
   */
  blame(): Blame[] {
    return this.pool.blame();
  }

  /** Adds a listener. Call the returned function to remove it. */
  subscribe(listener: SandboxListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * The limits of the run, and those of the sandbox where the run has none. Remembers the result for a frozen object,
   * because hosts pass the same object for run after run.
   */
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
        // A listener is code of the host. Its error must not end a run, but the host has to learn of it.
        process.emitWarning(`a sandbox listener failed: ${messageOf(error)}`, 'ScriptsEventWarning');
      }
    }
  }
}

import type { Outcome, SourceProblem } from './outcome.js';
import type { Blame, SandboxListener, SandboxStats } from './sandbox-events.js';
import type { SandboxRun } from './sandbox-run.js';
import type { ProcessLimits, SandboxLimits } from './sandbox.limits.js';

/**
 * What a run shares with earlier runs of the same tenant, script and version.
 *
 * - `context` (default): the isolate and the compiled source; every global is new
 * - `isolate`: nothing
 * - `compartment`: the isolate and frozen built-ins
 */
export type Isolation = 'context' | 'isolate' | 'compartment';

/** @publicApi */
export interface ScriptSandboxOptions {
  limits?: Partial<SandboxLimits>;
  processes?: Partial<ProcessLimits>;
  /** Default `context`. */
  isolation?: Isolation;
  /** Told of starts, ends, kills with blame and crash loops. What it throws is ignored. */
  onEvent?: SandboxListener;
}

/**
 * Runs tenants' scripts in supervised child processes, never in the host's.
 * A script's failure is an {@link Outcome}; `run` rejects only for a {@link SandboxRun} that is wrong by itself.
 *
 * @publicApi
 */
export class ScriptSandbox {
  constructor(readonly options: ScriptSandboxOptions = {}) {}

  /** Resolves when `processes.min` processes are warm. Rejects with `SandboxStartError` when none can be started. */
  async start(): Promise<void> {
    throw new Error('not built yet');
  }

  /** Runs one script and resolves with how it ended. Starts the sandbox when nobody has. */
  async run(_run: SandboxRun): Promise<Outcome> {
    throw new Error('not built yet');
  }

  /** Compiles a source without running it: null when it is fine. */
  async check(_source: string): Promise<SourceProblem | null> {
    throw new Error('not built yet');
  }

  /** Lets running scripts end for `graceMs` (default 0), cancels the rest and ends every process. A second call waits for the first. */
  async stop(_graceMs = 0): Promise<void> {}

  stats(): SandboxStats {
    throw new Error('not built yet');
  }

  /** Scripts that ended a process, worst first; the last 1,000 are remembered. */
  blame(): Blame[] {
    return [];
  }

  /** Adds a listener; call what it returns to remove it. */
  subscribe(_listener: SandboxListener): () => void {
    return () => {};
  }
}

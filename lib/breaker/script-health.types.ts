import type { ScriptEntity, ScriptFailure } from '../entities/index.js';

/**
 * `healthy`: nothing, or little, counts against it; `degraded`: it runs one at a time; `disabled`: it does not run, and
 * what comes for it is kept.
 *
 * @publicApi
 */
export type ScriptHealthState = 'healthy' | 'degraded' | 'disabled';

/** How a script is. @publicApi */
export interface ScriptHealth {
  scriptId: string;
  tenantId: string;
  scriptName: string;
  /** The current version. */
  version: number;
  state: ScriptHealthState;
  /** Why it is degraded or disabled. */
  reason: string | null;
  /** When that changed last, and who did it; `scripts-event` for the breaker. */
  changedAt: Date | null;
  changedBy: string | null;
  /** What counts against the current version; null when nothing does. */
  window: {
    startedAt: Date;
    /** Executions and failures since, of the processes that saw it fail. */
    runs: number;
    failures: number;
    failuresByKind: Record<string, number>;
    /** Failures that took the sandbox process with them. */
    endedProcesses: number;
  } | null;
  /** The last failure of any version. */
  lastFailure: ScriptFailure | null;
  /** Sandbox processes it has ever ended; null when none. */
  blame: ScriptBlame | null;
  /** Dead letters that wait for it, counted up to `breaker.maxHeld`. */
  waiting: number;
  /** Events lost since it was disabled, because `breaker.maxHeld` waited already. */
  noRoom: number;
}

/** Sandbox processes that a script has ended. @publicApi */
export interface ScriptBlame {
  scriptId: string;
  scriptName: string;
  total: number;
  /** `timeout`, `memory` or `crashed`. */
  byKind: Record<string, number>;
  firstAt: Date;
  lastAt: Date;
  /** The version that did so last. */
  version: number;
}

/** What becomes of the events of a script that resumes. @publicApi */
export interface ResumeOptions {
  /** Who asks for it; kept with the script and its dead letters. 1 to 200 characters. */
  by: string;
  /**
   * `held` (default): what was kept runs. `failed`: also the exhausted dead letters since it began to fail, with one
   * retry each. `none`: what was kept is discarded, with a note; what had run before goes on as it was.
   */
  replay?: 'held' | 'failed' | 'none';
}

/** @publicApi */
export interface Resumption {
  script: ScriptEntity;
  /**
   * Dead letters that run now that the script does: {@link held}, {@link retries} and {@link exhausted} together, as far as
   * they were stored when the script was resumed.
   */
  replayed: number;
  /** Of these, the ones that were kept for it. */
  held: number;
  /** Of these, the ones that had failed or found no place before: they waited for their retry, and run when it is due. */
  retries: number;
  /** Of these, the exhausted ones, which run again. */
  exhausted: number;
  /** Dead letters that were kept for it and are given up. */
  discarded: number;
}

import type { ScriptCondition } from '../scripts/script.types.js';
import type { ScriptEntity, ScriptFailure } from '../entities/index.js';

/**
 * `healthy`: no or few failures count. `degraded`: the script runs one event at a time. `disabled`: the script doesn't
 * run, and its events are kept.
 *
 * @publicApi
 */
export type ScriptHealthState = 'healthy' | 'degraded' | 'disabled';

/** The health of a script. @publicApi */
export interface ScriptHealth {
  scriptId: string;
  tenantId: string;
  scriptName: string;
  /** The current version. */
  version: number;
  state: ScriptHealthState;
  /** Why it is degraded or disabled. */
  reason: string | null;
  /** When the state last changed, and who changed it: `scripts-event` for the breaker. */
  changedAt: Date | null;
  changedBy: string | null;
  /** The failures that count for the current version; null if none does. */
  window: {
    startedAt: Date;
    /** Executions and failures since then, in the processes that saw the script fail. */
    runs: number;
    failures: number;
    failuresByKind: Record<string, number>;
    /** Failures that ended the sandbox process. */
    endedProcesses: number;
  } | null;
  /** The last failure of any version. */
  lastFailure: ScriptFailure | null;
  /** The sandbox processes that the script has ever ended; null if none. */
  blame: ScriptBlame | null;
  /** Dead letters that wait for the script, counted up to `breaker.maxHeld`. */
  waiting: number;
  /** Events lost since it was disabled, because `breaker.maxHeld` dead letters already waited. */
  noRoom: number;
}

/** The sandbox processes that a script has ended. @publicApi */
export interface ScriptBlame {
  scriptId: string;
  scriptName: string;
  total: number;
  /** `timeout`, `memory` or `crashed`. */
  byKind: Record<string, number>;
  firstAt: Date;
  lastAt: Date;
  /** The version that ended the last one. */
  version: number;
}

/** What happens to the events of a script that resumes. @publicApi */
export interface ResumeOptions extends ScriptCondition {
  /** Who resumes it; recorded with the script and its dead letters. 1 to 200 characters. */
  by: string;
  /**
   * `held` (default): kept events run. `failed`: dead letters exhausted since the script began to fail run too, with
   * one retry each. `none`: kept events are discarded, with a note; other dead letters stay as they are.
   */
  replay?: 'held' | 'failed' | 'none';
}

/** @publicApi */
export interface Resumption {
  script: ScriptEntity;
  /**
   * Dead letters that run again: {@link held}, {@link retries} and {@link exhausted} together, as far as they were
   * stored when the script resumed.
   */
  replayed: number;
  /** Those of them that were kept for the disabled or degraded script. */
  held: number;
  /** Those of them that already waited for a retry; they run when it is due. */
  retries: number;
  /** Those of them that were exhausted. */
  exhausted: number;
  /** Kept dead letters that were discarded. */
  discarded: number;
}

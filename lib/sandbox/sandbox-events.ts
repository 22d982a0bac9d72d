import type { FailureKind } from './outcome.js';

/** Why a process ended. */
export type EndReason =
  | 'timeout' /* killed: its run, or the check of a source, did not end */
  | 'memory' /* killed or aborted by the memory of its run, or of the check of a source */
  | 'crashed' /* ended by itself during a run */
  | 'cancelled' /* killed: its run was cancelled and did not let go */
  | 'start-failed' /* never became ready */
  | 'distrusted' /* killed: it said what no honest process says, and not for the run it had, if any */
  | 'stood-still' /* killed: it was stopped from outside and its run did not end */
  | 'died' /* ended by itself while idle */
  | 'aged' /* replaced after maxRuns */
  | 'bloated' /* replaced above retireAt of its memory */
  | 'idle' /* not needed any more */
  | 'stopped'; /* the sandbox stops */

/** Which script ended a process, and how often it has done so since the sandbox started. */
export interface Blame {
  tenantId: string;
  scriptId: string;
  /** Left out when the run had none. */
  scriptName?: string | undefined;
  version: number;
  /** Verdict of the run that did it. */
  kind: FailureKind;
  reason: EndReason;
  /** Processes this script (any version) has ended so far. */
  times: number;
}

/** An event that the host may want to log, count or alert about. */
export type SandboxEvent =
  | { type: 'process-started'; pid: number; startMs: number }
  | { type: 'process-ended'; pid: number; reason: EndReason; code: number | null; signal: string | null }
  | { type: 'process-killed'; pid: number; blame: Blame }
  | { type: 'crash-loop'; failures: number; retryInMs: number; message: string };

export type SandboxListener = (event: SandboxEvent) => void;

/** A snapshot of the pool. */
export interface SandboxStats {
  processes: { starting: number; idle: number; busy: number; draining: number };
  /** Busy processes whose run waits for a binding. */
  awaitingBindings: number;
  /** Runs that wait for a process. */
  queued: number;
  /** Runs that ended, since start. */
  runs: number;
  /** Processes ended by a script, since start. */
  killed: number;
  /** Processes that ended, by reason, since start. */
  restarts: Partial<Record<EndReason, number>>;
  /** Resident memory of all processes, in bytes; 0 where the system has no `/proc`. */
  rssBytes: number;
  /** Set while processes keep failing on their own and the next start is delayed; otherwise null. */
  crashLoop: { failures: number; retryInMs: number } | null;
}

import type { FailureKind } from './outcome.js';

/** Why a process ended. */
export type EndReason =
  | 'timeout' /* killed: its run, or the check of a source, took too long */
  | 'memory' /* killed or aborted: its run, or the check of a source, used too much memory */
  | 'crashed' /* ended unexpectedly during a run, or killed because it sent an invalid message about its run */
  | 'cancelled' /* killed: its cancelled run did not end in time, or the sandbox stopped during a source check */
  | 'start-failed' /* never became ready */
  | 'distrusted' /* killed: it sent an invalid message without a run, or before its run can have sent it */
  | 'no-threads' /* ended by itself during a run or a check, because the system refused it a thread */
  | 'stood-still' /* something outside stopped it: killed because its run did not end in time, or ended unexpectedly when it continued */
  | 'died' /* ended unexpectedly while it ran no script */
  | 'aged' /* replaced: it has had `maxRuns` runs, or has too many pending time limits */
  | 'expired' /* replaced: `maxAgeMs` after its first run or check, or up to a quarter earlier */
  | 'bloated' /* replaced: it used more than the share `retireAt` of `memoryMb` */
  | 'idle' /* stopped: it had no work for `idleMs` and was not needed */
  | 'stopped'; /* ended: the sandbox stops */

/** Which script ended a process, and how often it has done so since the sandbox started. */
export interface Blame {
  tenantId: string;
  scriptId: string;
  /** Left out if the run had none. */
  scriptName?: string | undefined;
  version: number;
  /** Why the run that ended the process failed, the last time. */
  kind: FailureKind;
  reason: EndReason;
  /** Processes that all versions of this script have ended so far. */
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
  /** Runs that wait, in the queue or in a process behind other runs. */
  queued: number;
  /** Runs that have ended in a process since the start. */
  runs: number;
  /** Processes that scripts have ended since the start. */
  killed: number;
  /** Processes of the pool that have ended since the start, by reason. */
  restarts: Partial<Record<EndReason, number>>;
  /**
   * Resident memory of all processes in bytes, those that check sources included; 0 where the system has no `/proc`.
   */
  rssBytes: number;
  /**
   * Set after five failures in a row: processes that did not start, or died while they ran no script. Otherwise null.
   */
  crashLoop: { failures: number; retryInMs: number } | null;
}

import type {
  CallBinding,
  Outcome,
  ProcessLimits,
  SandboxRun,
  SandboxStats,
} from '../../../lib/sandbox/index.js';
import type { Isolation, SandboxLimits } from '../../../lib/sandbox/index.js';

/** How a host is started. */
export interface HostSetup {
  limits: Partial<SandboxLimits>;
  processes: Partial<ProcessLimits>;
  isolation: Isolation;
}

/** How a host answers each binding call of a run. */
export const ANSWERS = {
  'with one': () => Promise.resolve(1),
  'with the arguments': (_, args) => Promise.resolve(args),
  'with the arguments inside': (_, args) => Promise.resolve({ args }),
  never: () => new Promise(() => {}),
} satisfies Record<string, CallBinding>;

/** A run as it can be told to another process. */
export interface HostRun extends Omit<SandboxRun, 'callBinding' | 'signal'> {
  answers?: keyof typeof ANSWERS;
}

/** A run, and what it did to its host. */
export interface WatchedRun {
  outcome: Outcome;
  /** By the clock. */
  elapsedMs: number;
  /** See `LoopMonitor.takeLived`. */
  livedMs: number;
  /** See `LoopMonitor.takeWorst`. */
  stalledMs: number;
}

/** What a host can be told to do. */
export interface HostCommands {
  run: { args: HostRun; answer: Outcome };
  /** One at a time: the host measures itself meanwhile. */
  watch: { args: HostRun; answer: WatchedRun };
  stats: { args: null; answer: SandboxStats };
  /** Sandbox processes that were ever started, and rejections that nobody handled. */
  traces: { args: null; answer: { pids: number[]; unhandled: string[] } };
  /** Stops the sandbox; the host stays, so that what it left behind can be seen. */
  stop: { args: null; answer: null };
}

import type {
  CallBinding,
  Outcome,
  ProcessLimits,
  SandboxRun,
  SandboxStats,
} from '../../../lib/sandbox/index.js';
import type { Isolation, SandboxLimits } from '../../../lib/sandbox/index.js';

/** The settings of a host. */
export interface HostSetup {
  limits: Partial<SandboxLimits>;
  processes: Partial<ProcessLimits>;
  isolation: Isolation;
}

/** The answers that a host can give to each binding call of a run. */
export const ANSWERS = {
  'with one': () => Promise.resolve(1),
  'with the arguments': (_, args) => Promise.resolve(args),
  'with the arguments inside': (_, args) => Promise.resolve({ args }),
  never: () => new Promise(() => {}),
} satisfies Record<string, CallBinding>;

/** A run in a form that can be sent to another process. */
export interface HostRun extends Omit<SandboxRun, 'callBinding' | 'signal'> {
  answers?: keyof typeof ANSWERS;
}

/** The outcome of a run, and its effect on the host. */
export interface WatchedRun {
  outcome: Outcome;
  /** Duration by the clock. */
  elapsedMs: number;
  /** See `LoopMonitor.takeLived`. */
  livedMs: number;
  /** See `LoopMonitor.takeWorst`. */
  stalledMs: number;
}

/** The commands of a host. */
export interface HostCommands {
  run: { args: HostRun; answer: Outcome };
  /** Runs a script. Only one at a time, because the host measures itself meanwhile. */
  watch: { args: HostRun; answer: WatchedRun };
  stats: { args: null; answer: SandboxStats };
  /** All sandbox processes that were started, and unhandled rejections. */
  traces: { args: null; answer: { pids: number[]; unhandled: string[] } };
  /** Stops the sandbox. The host goes on, so that a test can see what the sandbox has left. */
  stop: { args: null; answer: null };
}

import type { FailureKind } from '../outcome.js';
import type { EndReason } from '../sandbox-events.js';

/** Why the parent killed a process whose run it had to end. */
export type KillReason = 'timeout' | 'memory' | 'cancelled' | 'stood-still';

/** What is known about a process that ended while a script ran in it. */
export interface ProcessExit {
  killedFor: KillReason | undefined;
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The beginning and the end of its error output. */
  stderr: string;
  /** Whether its memory was close to its limit when it was last measured. */
  wasNearMemoryLimit: boolean;
}

/** What V8 and the C++ library write if they can't allocate memory. V8 lists its last garbage collections only then. */
const OUT_OF_MEMORY =
  /last few GCs|out of memory|allocation failed|is_heap_oom|invalid (array|table|string) (length|size)|JavaScript invalid size|bad_alloc/i;
/** What the C++ library (two of them) and Node.js write if the system refuses a thread. */
const NO_THREAD = /system_error[^]*Resource temporarily unavailable|Assertion[^]*uv_thread_create/;
const ABORTS = new Set<NodeJS.Signals>(['SIGABRT', 'SIGTRAP', 'SIGILL', 'SIGSEGV', 'SIGBUS']);

/**
 * Whether a process ended by itself because the system refused it a thread: a limit of processes and threads is
 * reached. The run or check in it has no part in that.
 */
export const lackedThread = ({ signal, stderr }: Pick<ProcessExit, 'signal' | 'stderr'>): boolean =>
  signal !== null && ABORTS.has(signal) && NO_THREAD.test(stderr);

/** The verdict on the run during which a process died. */
export function verdictOf(exit: ProcessExit): { kind: FailureKind & EndReason; detail: string } {
  if (exit.killedFor && exit.killedFor !== 'stood-still')
    return { kind: exit.killedFor, detail: 'it did not stop and was killed together with its process' };
  // V8 aborts when it cannot allocate; the system's out-of-memory killer sends SIGKILL.
  const aborted = exit.signal !== null && ABORTS.has(exit.signal) && OUT_OF_MEMORY.test(exit.stderr);
  if (aborted || (exit.signal === 'SIGKILL' && exit.wasNearMemoryLimit)) {
    return { kind: 'memory', detail: 'its process ran out of memory' };
  }
  return { kind: 'crashed', detail: `its process ended with ${exit.signal ?? `code ${exit.code}`}` };
}

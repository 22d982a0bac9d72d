import type { ProcessLimits } from '../sandbox.limits.js';
import type { SandboxProcess } from './sandbox-process.js';

/** Number of runs after which the memory of a process is measured. */
const MEMORY_CHECK_EVERY = 64;
/**
 * A run that takes more processor time than this can leave tens of megabytes in its home before the memory watch
 * notices. A few such runs would fill the process, and the next run would be stopped for memory that others used.
 */
const LONG_RUN_CPU_MS = 5;

/**
 * Whether a process is too large for another run. Call it after each run; it measures the memory after long runs and
 * now and then.
 */
export function isBloated(process: SandboxProcess, { memoryMb, retireAt }: ProcessLimits): boolean {
  const isDue = process.runs % MEMORY_CHECK_EVERY === 0 || process.memoryMb > 0;
  if (!isDue && process.lastCpuMs <= LONG_RUN_CPU_MS) return false;
  process.memoryMb = process.status.read()?.residentMb ?? 0;
  const bloated = process.memoryMb > memoryMb * retireAt;
  // Any other value than 0 would make the next call measure again.
  process.memoryMb = bloated ? process.memoryMb : 0;
  return bloated;
}

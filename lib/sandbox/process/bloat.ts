import type { ProcessLimits } from '../sandbox.limits.js';
import { residentMb } from './memory-watch.js';
import type { SandboxProcess } from './sandbox-process.js';

/** After how many runs the memory of a process is looked at. */
const MEMORY_CHECK_EVERY = 64;
/**
 * With this much processor time, a run can leave tens of megabytes in its home, too fast for the watch to notice. A few
 * such runs would fill the process, and the next run in it would be stopped for what others left.
 */
const LONG_RUN_CPU_MS = 5;

/** Whether a process is too large for another run. Call it after each run; it measures the memory now and then. */
export function isBloated(process: SandboxProcess, { memoryMb, retireAt }: ProcessLimits): boolean {
  if (process.pid === undefined) return false;
  const isDue = process.runs % MEMORY_CHECK_EVERY === 0 || process.memoryMb > 0;
  if (!isDue && process.lastCpuMs <= LONG_RUN_CPU_MS) return false;
  process.memoryMb = residentMb(process.pid) ?? 0;
  const bloated = process.memoryMb > memoryMb * retireAt;
  // Measured again only after a long run or in the next round.
  process.memoryMb = bloated ? process.memoryMb : 0;
  return bloated;
}

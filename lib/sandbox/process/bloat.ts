import type { ProcessLimits } from '../sandbox.limits.js';
import { residentMb } from './memory-watch.js';
import type { SandboxProcess } from './sandbox-process.js';

/** Runs between two looks at the memory of a process. */
const MEMORY_CHECK_EVERY = 64;
/**
 * Processor time in which a run can leave tens of megabytes in its home, too fast for the watch to see: some of them would
 * fill the process, and the next run in it would be stopped for what others left.
 */
const LONG_RUN_CPU_MS = 5;

/** Whether a process has become too large for a further run. Asked after each run, it looks at the memory now and then. */
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

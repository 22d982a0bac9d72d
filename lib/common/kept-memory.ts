/** Share of its memory limit above which a sandbox process is replaced after a run. */
export const RETIRE_AT = 0.7;
/**
 * Megabytes beside the isolates: 53 in an idle process, up to 30 by which its own heap grows, and up to 45 that stay
 * between what is allocated after tens of thousands of isolates were made and disposed of (measured).
 */
const BESIDE_MB = 128;
/** Even the smallest process has room for this many megabytes. */
const LEAST_MB = 24;

/** The most megabytes of isolates that a process can keep without being replaced again and again because of them. */
export const mostKeptMemoryMb = (processMemoryMb: number, retireAt = RETIRE_AT): number =>
  Math.max(LEAST_MB, Math.floor(processMemoryMb * retireAt) - BESIDE_MB);

/** The memory limit of a process that is to keep this many megabytes. */
export const processMemoryFor = (keptMemoryMb: number): number =>
  Math.ceil((keptMemoryMb + BESIDE_MB) / RETIRE_AT);

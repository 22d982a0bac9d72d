/** Share of its memory bound above which a sandbox process is replaced after a run. */
export const RETIRE_AT = 0.7;
/** Megabytes of an idle process (53, measured), and of what a run may leave before its process is looked at. */
const BESIDE_MB = 104;
/** What even the smallest process has room for. */
const LEAST_MB = 24;

/** Most megabytes of isolates that a process can keep without being replaced for them again and again. */
export const mostKeptMemoryMb = (processMemoryMb: number, retireAt = RETIRE_AT): number =>
  Math.max(LEAST_MB, Math.floor(processMemoryMb * retireAt) - BESIDE_MB);

/** The bound of a process that is to keep so many megabytes. */
export const processMemoryFor = (keptMemoryMb: number): number =>
  Math.ceil((keptMemoryMb + BESIDE_MB) / RETIRE_AT);

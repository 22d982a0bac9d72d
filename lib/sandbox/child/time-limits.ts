/** Longest step in milliseconds, and how many steps a run's time limit has at least. */
const MOST_STEP_MS = 64;
const LEAST_STEPS = 32;

/**
 * Returns the milliseconds after which to stop a visit to an isolate: at least `ms`, and less than `stepMs` and one
 * millisecond more. All limits that end within a step end in the same millisecond.
 *
 * isolated-vm wakes a thread when a limit ends, although the visit has ended long before. With limits of their own, a
 * thousand short runs a second cause a thousand such interruptions a second, each in the middle of another run.
 */
export function endingTogether(ms: number, stepMs: number): number {
  const now = performance.now();
  const end = Math.ceil((now + ms) / stepMs) * stepMs;
  return Math.max(1, Math.ceil(end - now));
}

/** The step for a run with this time limit: 64 ms, or a 32nd of a limit below two seconds. */
export const stepOf = (timeoutMs: number): number =>
  Math.max(1, Math.min(MOST_STEP_MS, Math.floor(timeoutMs / LEAST_STEPS)));

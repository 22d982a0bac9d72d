/**
 * Longest step in milliseconds. isolated-vm ends all limits that are due in one recursion, with 240 bytes of stack for
 * each, and systems with musl give its thread 128 KB: enough for 17,000 runs a second with two limits each.
 */
export const STEP_MS = 16;
/** How many steps a run's time limit has at least. */
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

/** The step for a run with this time limit: 16 ms, or a 32nd of a limit below half a second. */
export const stepOf = (timeoutMs: number): number =>
  Math.max(1, Math.min(STEP_MS, Math.floor(timeoutMs / LEAST_STEPS)));

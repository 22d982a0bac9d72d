/**
 * A moment by both clocks of this process: the monotonic one stands still while the machine is suspended, and the wall
 * clock goes on; but that one may be set.
 */
export interface Instant {
  readonly monotonic: number;
  readonly wall: number;
}

export const instant = (): Instant => ({ monotonic: performance.now(), wall: Date.now() });

/** Milliseconds since then that this process knows of: what a suspended machine slept is not in it. */
export const elapsedSince = ({ monotonic }: Instant): number => performance.now() - monotonic;

/** True when both clocks went on since then by the same, but for `toleranceMs`: the machine did not sleep. */
export const clocksAgreeSince = (then: Instant, toleranceMs: number): boolean =>
  Math.abs(Date.now() - then.wall - elapsedSince(then)) <= toleranceMs;

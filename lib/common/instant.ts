/**
 * A moment on both clocks of this process. The monotonic clock stands still while the machine is suspended; the wall
 * clock continues, but can be set.
 */
export interface Instant {
  readonly monotonic: number;
  readonly wall: number;
}

export const instant = (): Instant => ({ monotonic: performance.now(), wall: Date.now() });

/** Milliseconds since then on the monotonic clock. Time in which the machine was suspended doesn't count. */
export const elapsedSince = ({ monotonic }: Instant): number => performance.now() - monotonic;

/** True if both clocks advanced by the same amount since then, within `toleranceMs`: the machine was not suspended. */
export const clocksAgreeSince = (then: Instant, toleranceMs: number): boolean =>
  Math.abs(Date.now() - then.wall - elapsedSince(then)) <= toleranceMs;

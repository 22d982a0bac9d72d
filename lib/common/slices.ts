/**
 * Work that is done in slices, so that it never holds up the event loop for long.
 *
 * ```ts
 * for (const item of items) {
 *   work(item);
 *   await slices.next();
 * }
 * ```
 */
export class Slices {
  private began = performance.now();

  /** @param ms milliseconds of work between two turns of the event loop */
  constructor(private readonly ms: number) {}

  /**
   * When a slice is over, returns a promise that lets the event loop turn. Otherwise returns nothing, and there is
   * nothing to wait for.
   */
  next(): Promise<void> | undefined {
    if (performance.now() - this.began < this.ms) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        this.began = performance.now();
        resolve();
      }),
    );
  }
}

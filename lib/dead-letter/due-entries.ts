import type { HeldEntry } from './lease-keeper.js';

/**
 * What one tick works on: claims a batch when the one before is used up, so that a slow script keeps one runner busy and
 * not a whole batch waiting. Shared by the runners of the tick.
 */
export class DueEntries {
  private readonly waiting: HeldEntry[] = [];
  private claiming: Promise<void> | undefined;
  private drained = false;

  /**
   * @param claim claims up to so many entries; none means that nothing is due
   * @param left most entries of this tick
   */
  constructor(
    private readonly claim: (limit: number) => Promise<HeldEntry[]>,
    private readonly batchSize: number,
    private left: number,
  ) {}

  /** True when the tick ended at its bound and more may be due. */
  get moreMayBeDue(): boolean {
    return this.left <= 0;
  }

  /** The next entry; `undefined` when nothing is due, the bound is reached, or it was ended. @throws what claiming throws */
  async next(): Promise<HeldEntry | undefined> {
    for (;;) {
      const entry = this.waiting.shift();
      if (entry || this.drained) return entry;
      this.claiming ??= this.fill().finally(() => (this.claiming = undefined));
      await this.claiming;
    }
  }

  /** Ends the tick early. Returns what was claimed and not begun, once a claim under way has answered. */
  async end(): Promise<HeldEntry[]> {
    this.drained = true;
    const unused = this.waiting.splice(0);
    await this.claiming?.catch(() => undefined);
    return [...unused, ...this.waiting.splice(0)];
  }

  private async fill(): Promise<void> {
    try {
      const claimed = await this.claim(Math.min(this.batchSize, this.left));
      this.left -= claimed.length;
      this.waiting.push(...claimed);
      if (claimed.length === 0 || this.left <= 0) this.drained = true;
    } catch (error) {
      this.drained = true;
      throw error;
    }
  }
}

import type { LeasedEntry } from './lease-keeper.js';

/** How a tick takes up what is due. */
export interface DueSettings {
  /**
   * Claims up to so many entries of all tenants but those of `besides`; none means that nothing is due.
   *
   * @throws what the database throws; nothing more is claimed then
   */
  claim(limit: number, besides: readonly string[]): Promise<LeasedEntry[]>;
  batchSize: number;
  /** Entries that run at the same time: as many as there are runners. */
  places: number;
  /** How many of these places only entries of tenants get of which nothing runs. */
  kept(): number;
  /** Most entries of this tick. */
  most: number;
}

/**
 * What one tick works on: claims a batch when the one before is used up, so that a slow script keeps one runner busy and
 * not a whole batch waiting. Shared by the runners of the tick.
 *
 * A runner that may only take entries of tenants of which nothing runs, and finds none in the batch, claims such ones.
 * When there are none it waits, as long as something runs, for that to end or for the next look.
 */
export class DueEntries {
  private readonly waiting: LeasedEntry[] = [];
  private readonly running = new Map<string, number>();
  private runs = 0;
  private left: number;
  private claiming: Promise<void> | undefined;
  /** Of whom the last claim found nothing due. */
  private nothingOf: 'all' | 'others' | undefined;
  /** How often somebody asked to look again. */
  private asked = 0;
  private ended = false;
  private idle: (() => void)[] = [];

  constructor(private readonly settings: DueSettings) {
    this.left = settings.most;
  }

  /** True when the tick ended at its bound and more may be due. */
  get moreMayBeDue(): boolean {
    return this.left <= 0;
  }

  /**
   * The next entry, to be followed by {@link done}; `undefined` when nothing is due and nothing runs, the bound is reached,
   * or it was ended. @throws what claiming throws
   */
  async next(): Promise<LeasedEntry | undefined> {
    for (;;) {
      const entry = this.take();
      if (entry) return entry;
      if (this.mayClaim) await (this.claiming ??= this.fill().finally(() => (this.claiming = undefined)));
      else if (this.waiting.length === 0 && (this.ended || this.runs === 0)) return undefined;
      else await new Promise<void>((resolve) => this.idle.push(resolve));
    }
  }

  /** The run of an entry is over. */
  done({ entry: { tenantId } }: LeasedEntry): void {
    this.runs -= 1;
    const left = this.running.get(tenantId)! - 1;
    if (left > 0) this.running.set(tenantId, left);
    else this.running.delete(tenantId);
    this.wake();
  }

  /** More may be due by now: runners that have nothing to do look for it. */
  lookAgain(): void {
    this.asked += 1;
    this.nothingOf = undefined;
    this.wake();
  }

  /** Ends the tick early. Returns what was claimed and not begun, once a claim under way has answered. */
  async end(): Promise<LeasedEntry[]> {
    this.ended = true;
    const unused = this.waiting.splice(0);
    this.wake();
    // The tick that awaits the claim gets its error.
    await this.claiming?.catch(() => undefined);
    return [...unused, ...this.waiting.splice(0)];
  }

  /** True while only tenants may begin of which nothing runs. */
  private get onlyOthers(): boolean {
    return this.runs >= this.settings.places - this.settings.kept();
  }

  private get mayClaim(): boolean {
    if (this.ended || this.left <= 0 || this.nothingOf === 'all') return false;
    return !(this.onlyOthers && this.nothingOf === 'others');
  }

  private take(): LeasedEntry | undefined {
    const at = this.waiting.findIndex(({ entry }) => !this.onlyOthers || !this.running.has(entry.tenantId));
    if (at < 0) return undefined;
    const [leased] = this.waiting.splice(at, 1);
    const { tenantId } = leased!.entry;
    this.runs += 1;
    this.running.set(tenantId, (this.running.get(tenantId) ?? 0) + 1);
    return leased;
  }

  private async fill(): Promise<void> {
    const { batchSize, places } = this.settings;
    const { onlyOthers: others, asked } = this;
    const limit = others ? places - this.runs : batchSize;
    const besides = others
      ? [...new Set([...this.running.keys(), ...this.waiting.map(({ entry }) => entry.tenantId)])]
      : [];
    try {
      const claimed = await this.settings.claim(Math.min(limit, this.left), besides);
      this.left -= claimed.length;
      this.waiting.push(...claimed);
      // A look that was requested meanwhile may find what this one was too early for.
      if (claimed.length === 0 && asked === this.asked) this.nothingOf = others ? 'others' : 'all';
    } catch (error) {
      this.left = 0;
      throw error;
    } finally {
      this.wake();
    }
  }

  private wake(): void {
    for (const resolve of this.idle.splice(0)) resolve();
  }
}

import type { LeasedEntry } from './lease-keeper.js';

/** How a tick claims due dead letters. */
export interface DueSettings {
  /**
   * Claims up to `limit` dead letters of all tenants except those in `besides`. An empty result means that nothing is
   * due.
   *
   * @throws what the database throws; nothing more is claimed then
   */
  claim(limit: number, besides: readonly string[]): Promise<LeasedEntry[]>;
  batchSize: number;
  /** How many dead letters run at the same time: as many as there are runners. */
  places: number;
  /** How many of these places are kept for tenants that have nothing running and are not heavy. */
  kept(): number;
  /** The tenants whose runs computed for long lately. */
  heavyTenants(): readonly string[];
  /** Maximum number of dead letters in this tick. */
  most: number;
}

const NOBODY: ReadonlySet<string> = new Set();

/**
 * The dead letters of one tick, shared by its runners. It claims the next batch when the previous one is used up, so
 * that a slow script keeps one runner busy instead of making a whole batch wait.
 *
 * If a runner may only take dead letters of tenants that have nothing running and are not heavy, and the batch has none,
 * it claims some. If none is due, it waits until a run ends or {@link lookAgain} is called, as long as something runs.
 */
export class DueEntries {
  private readonly waiting: LeasedEntry[] = [];
  private readonly running = new Map<string, number>();
  private runs = 0;
  private left: number;
  private claiming: Promise<void> | undefined;
  /** The tenants for which the last claim found nothing due. */
  private nothingOf: 'all' | 'others' | undefined;
  /** How often another look was requested. */
  private asked = 0;
  private ended = false;
  private idle: (() => void)[] = [];

  constructor(private readonly settings: DueSettings) {
    this.left = settings.most;
  }

  /** True if the tick reached its limit and more may be due. */
  get moreMayBeDue(): boolean {
    return this.left <= 0;
  }

  /**
   * The next dead letter; call {@link done} after it. `undefined` if nothing is due and nothing runs, the limit is
   * reached, or the tick was ended.
   *
   * @throws what claiming throws
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

  /** Call it when the run of a dead letter is over. */
  done({ entry: { tenantId } }: LeasedEntry): void {
    this.runs -= 1;
    const left = this.running.get(tenantId)! - 1;
    if (left > 0) this.running.set(tenantId, left);
    else this.running.delete(tenantId);
    this.wake();
  }

  /** Makes idle runners look again, because more may be due by now. */
  lookAgain(): void {
    this.asked += 1;
    this.nothingOf = undefined;
    this.wake();
  }

  /** Ends the tick early. Returns what was claimed and not begun, after a claim in progress has ended. */
  async end(): Promise<LeasedEntry[]> {
    this.ended = true;
    const unused = this.waiting.splice(0);
    this.wake();
    // Its error goes to the tick that awaits the claim.
    await this.claiming?.catch(() => undefined);
    return [...unused, ...this.waiting.splice(0)];
  }

  /** True while only tenants that have nothing running and are not heavy may begin. */
  private get onlyOthers(): boolean {
    return this.runs >= this.settings.places - this.settings.kept();
  }

  private get mayClaim(): boolean {
    if (this.ended || this.left <= 0 || this.nothingOf === 'all') return false;
    return !(this.onlyOthers && this.nothingOf === 'others');
  }

  private take(): LeasedEntry | undefined {
    const excluded = this.onlyOthers ? this.excluded() : NOBODY;
    const at = this.waiting.findIndex(({ entry }) => !excluded.has(entry.tenantId));
    if (at < 0) return undefined;
    const [leased] = this.waiting.splice(at, 1);
    const { tenantId } = leased!.entry;
    this.runs += 1;
    this.running.set(tenantId, (this.running.get(tenantId) ?? 0) + 1);
    return leased;
  }

  private excluded(): Set<string> {
    return new Set([...this.running.keys(), ...this.settings.heavyTenants()]);
  }

  private async fill(): Promise<void> {
    const { batchSize, places } = this.settings;
    const { onlyOthers: others, asked } = this;
    const limit = others ? places - this.runs : batchSize;
    const besides = others
      ? [...new Set([...this.excluded(), ...this.waiting.map(({ entry }) => entry.tenantId)])]
      : [];
    try {
      const claimed = await this.settings.claim(Math.min(limit, this.left), besides);
      this.left -= claimed.length;
      this.waiting.push(...claimed);
      // If another look was requested meanwhile, it may find what became due after this claim.
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

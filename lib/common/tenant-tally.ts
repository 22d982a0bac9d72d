import { inOwnContext } from './own-context.js';

/** How often something is logged about one tenant at most, in milliseconds. */
const TELL_EVERY_MS = 60_000;

interface Tally<T> {
  /** How many were logged one by one in this minute. */
  told: number;
  /** How many were counted since then and not logged. */
  count: number;
  /** The last one that was counted, as an example. */
  last: T;
}

/**
 * Counts something that happens again and again. The first ones of each tenant in each minute are logged immediately,
 * one by one; the number of further ones is logged in one line at the end of the minute. So no tenant's lines hide
 * another's, and nothing stays unlogged: call {@link tell} at the end.
 *
 * Remembers only the tenants of the last minute.
 */
export class TenantTally<T = void> {
  private readonly tallies = new Map<string, Tally<T>>();
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param say makes the line; must not throw
   * @param alone how many are logged one by one for each tenant and minute
   */
  constructor(
    private readonly say: (tenantId: string, count: number, last: T) => void,
    private readonly alone = 1,
    private readonly everyMs = TELL_EVERY_MS,
  ) {}

  add(tenantId: string, what: T): void {
    let tally = this.tallies.get(tenantId);
    if (!tally) this.tallies.set(tenantId, (tally = { told: 0, count: 0, last: what }));
    this.timer ??= inOwnContext(() => setInterval(() => this.tell(), this.everyMs).unref());
    if (tally.told < this.alone) {
      tally.told += 1;
      this.say(tenantId, 1, what);
      return;
    }
    tally.count += 1;
    tally.last = what;
  }

  /** Logs what was counted and not logged yet, and begins the next minute. */
  tell(): void {
    for (const [tenantId, tally] of this.tallies) {
      const { count, last } = tally;
      // A tenant whose messages keep coming gets one line a minute.
      if (count > 0) Object.assign(tally, { told: this.alone, count: 0 });
      else this.tallies.delete(tenantId);
      if (count > 0) this.say(tenantId, count, last);
    }
    if (this.tallies.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}

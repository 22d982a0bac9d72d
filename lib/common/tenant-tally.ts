import { inOwnContext } from './own-context.js';

/** What is told of a tenant at most this often, in milliseconds. */
const TELL_EVERY_MS = 60_000;

interface Tally<T> {
  /** Told by themselves in this minute. */
  told: number;
  /** Counted since, and not told. */
  count: number;
  /** The last one counted, for an example. */
  last: T;
}

/**
 * Counts what happens again and again: of a tenant and minute the first ones are told by themselves and at once, and the
 * number of those that followed in one line at the end of the minute. No tenant's hides behind another's, and none is left
 * untold: call {@link tell} at the end.
 *
 * Remembers only the tenants of the last minute.
 */
export class TenantTally<T = void> {
  private readonly tallies = new Map<string, Tally<T>>();
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param say makes the line. Must not throw.
   * @param alone how many of a tenant and minute are told by themselves
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

  /** Tells what has been counted and not told, and begins the next minute. */
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

/** What is told of a tenant at most this often, in milliseconds. */
const TELL_EVERY_MS = 60_000;

interface Tally<T> {
  count: number;
  /** The last one counted, for an example. */
  last: T;
}

/**
 * Counts what happens again and again, and tells it in one line for a tenant and minute: the first at once, the number of
 * those that followed at the end of the minute. No tenant's hides behind another's, and none is left untold: call
 * {@link tell} at the end.
 *
 * Remembers only the tenants of the last minute.
 */
export class TenantTally<T = void> {
  private readonly tallies = new Map<string, Tally<T>>();
  private timer: NodeJS.Timeout | undefined;

  /** @param say makes the line. Must not throw. */
  constructor(
    private readonly say: (tenantId: string, count: number, last: T) => void,
    private readonly everyMs = TELL_EVERY_MS,
  ) {}

  add(tenantId: string, what: T): void {
    const tally = this.tallies.get(tenantId);
    if (tally) {
      tally.count += 1;
      tally.last = what;
      return;
    }
    this.tallies.set(tenantId, { count: 0, last: what });
    this.say(tenantId, 1, what);
    this.timer ??= setInterval(() => this.tell(), this.everyMs).unref();
  }

  /** Tells what has been counted and not told. */
  tell(): void {
    for (const [tenantId, { count, last }] of this.tallies) {
      if (count === 0) this.tallies.delete(tenantId);
      else {
        this.tallies.set(tenantId, { count: 0, last });
        this.say(tenantId, count, last);
      }
    }
    if (this.tallies.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}

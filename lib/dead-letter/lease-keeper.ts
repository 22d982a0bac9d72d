import type { DeadLetterRepository } from './dead-letter.repository.js';
import type { ClaimedDeadLetter } from './dead-letter.types.js';

/** A claimed entry in this process. */
export class HeldEntry {
  private readonly controller = new AbortController();
  /** True when the lease ended, or may have: another worker may run the entry. */
  lost = false;
  /** True when its run is over and only its result is being written. */
  ended = false;

  constructor(
    readonly entry: ClaimedDeadLetter,
    /** Until when the entry is surely ours, on this process's monotonic clock. */
    public heldUntil: number,
  ) {}

  /** Aborts when the run must end: lease lost, or the worker stops. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  abort(): void {
    this.controller.abort();
  }
}

/**
 * Prolongs the leases of everything this process holds, and ends the runs of what it lost. A process that is cut off
 * from the database gives its entries up before their leases end there, so that no entry runs twice at once.
 */
export class LeaseKeeper {
  private readonly held = new Set<HeldEntry>();
  private timer: NodeJS.Timeout | undefined;
  private renewing = false;

  constructor(
    private readonly repository: DeadLetterRepository,
    private readonly leaseMs: number,
    private readonly onLost: (entry: ClaimedDeadLetter) => void,
  ) {}

  /** @param claimedAt when the claim was sent, on the monotonic clock: the lease began after it */
  hold(entry: ClaimedDeadLetter, claimedAt: number): HeldEntry {
    const held = new HeldEntry(entry, claimedAt + this.leaseMs);
    this.held.add(held);
    this.timer ??= setInterval(() => void this.renew(), this.periodMs);
    return held;
  }

  letGo(held: HeldEntry): void {
    this.held.delete(held);
    if (this.held.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Ends the runs of an entry that was claimed anew while it runs here still. True when there are any. */
  loseOlder(id: string): boolean {
    const older = [...this.held].filter(({ entry, ended }) => entry.id === id && !ended);
    for (const held of older) if (!held.lost) this.lose(held);
    return older.length > 0;
  }

  /** Ends every run. */
  abortAll(): void {
    for (const held of this.held) held.abort();
  }

  get size(): number {
    return this.held.size;
  }

  private get periodMs(): number {
    return this.leaseMs / 6;
  }

  private async renew(): Promise<void> {
    this.giveUpWhatMayEnd();
    // A renewal that hangs must not pile up others behind it; the check above goes on.
    if (this.renewing) return;
    this.renewing = true;
    const asked = [...this.held].filter((held) => !held.lost);
    const sentAt = performance.now();
    try {
      const leases = asked.map(({ entry }) => ({ id: entry.id, token: entry.token }));
      const kept = new Set(await this.repository.renewLeases(leases, this.leaseMs));
      for (const held of asked) {
        if (kept.has(held.entry.id)) held.heldUntil = sentAt + this.leaseMs;
        else if (this.held.has(held) && !held.lost) this.lose(held);
      }
    } catch {
      // The database is away: the next period asks again, until the lease may end.
    } finally {
      this.renewing = false;
    }
  }

  private giveUpWhatMayEnd(): void {
    const next = performance.now() + this.periodMs;
    for (const held of this.held) if (!held.lost && held.heldUntil <= next) this.lose(held);
  }

  private lose(held: HeldEntry): void {
    held.lost = true;
    held.abort();
    this.onLost(held.entry);
  }
}

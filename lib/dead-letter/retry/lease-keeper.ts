import { setTimeout as sleep } from 'node:timers/promises';
import { Coalesced } from '../../common/coalesced.js';
import { clocksAgreeSince, elapsedSince, type Instant, instant } from '../../common/instant.js';
import { LeaseLostError } from '../../common/lease-lost.error.js';
import type { RunLease } from '../../common/run-lease.js';
import { within } from '../../common/within.js';
import type { DeadLetterQueueRepository } from '../store/dead-letter-queue.repository.js';
import type { ClaimedDeadLetter } from '../dead-letter.types.js';

/** A dead letter that this process has claimed. */
export class LeasedEntry implements RunLease {
  private readonly controller = new AbortController();
  /** True if the lease has or may have ended: another worker may run the dead letter. */
  lost = false;
  /** True if its run is over and only its result is being written. */
  ended = false;

  /** @param heard when the claim was sent; the lease began later */
  constructor(
    readonly entry: ClaimedDeadLetter,
    public heard: Instant,
    private readonly leaseMs: number,
    private readonly ask: (leased: LeasedEntry) => Promise<void>,
  ) {}

  get fencingToken(): number {
    return this.entry.fencingToken;
  }

  /** Checks the lease, see {@link LeaseKeeper}. */
  assure(): Promise<void> {
    return this.ask(this);
  }

  /** For how many milliseconds this process can be sure that the claim still holds. */
  get leftMs(): number {
    return this.leaseMs - elapsedSince(this.heard);
  }

  /** Aborts if the run must end: the lease is lost, or the worker stops. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  abort(): void {
    this.controller.abort();
  }
}

/** Pause before the database is asked again about a doubtful lease, in milliseconds. */
const ASK_AGAIN_MS = 250;
/**
 * How many statements may hang. They keep connections of the host's pool, so no further one is sent until one has
 * ended.
 */
const MOST_OVERDUE = 3;

/**
 * Prolongs the leases of everything that this process has claimed, and ends the runs whose lease is lost. A process
 * that is cut off from the database gives up its claims before their leases end there, so that no dead letter runs
 * twice at once.
 *
 * A process that was stopped, or whose machine was suspended, may still count on leases that have ended. So the
 * database is asked before each binding call; simultaneous calls share one question. While the database is unavailable,
 * nobody else can have claimed the dead letter; then the clocks of this machine decide.
 */
export class LeaseKeeper {
  private readonly leased = new Set<LeasedEntry>();
  private readonly word = new Coalesced(() => this.askWhichHold());
  private timer: NodeJS.Timeout | undefined;
  private renewing = false;
  /** Statements that were not answered in time and have not ended yet. */
  private overdue = 0;

  constructor(
    private readonly repository: DeadLetterQueueRepository,
    private readonly leaseMs: number,
    private readonly onLost: (entry: ClaimedDeadLetter) => void,
  ) {}

  /** @param claimedAt when the claim was sent; the lease began later */
  hold(entry: ClaimedDeadLetter, claimedAt: Instant): LeasedEntry {
    const leased = new LeasedEntry(entry, claimedAt, this.leaseMs, (asking) => this.assure(asking));
    this.leased.add(leased);
    this.timer ??= setInterval(() => void this.renew(), this.periodMs);
    return leased;
  }

  letGo(leased: LeasedEntry): void {
    this.leased.delete(leased);
    if (this.leased.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Ends the runs of a dead letter that is claimed again while it still runs here. True if there are any. */
  loseOlder(id: string): boolean {
    const older = [...this.leased].filter(({ entry, ended }) => entry.id === id && !ended);
    for (const leased of older) this.lose(leased);
    return older.length > 0;
  }

  /** Ends every run. */
  abortAll(): void {
    for (const leased of this.leased) leased.abort();
  }

  get size(): number {
    return this.leased.size;
  }

  private get periodMs(): number {
    return this.leaseMs / 6;
  }

  private async assure(leased: LeasedEntry): Promise<void> {
    while (this.leased.has(leased) && !leased.lost) {
      try {
        const ours = this.certain(leased)
          ? (await this.word.ask()).has(leased)
          : await this.prolonged(leased);
        if (!ours) this.lose(leased);
        // The answer may have arrived before the process was suspended.
        else if (this.certain(leased)) return;
      } catch {
        if (this.certain(leased)) return;
        if (leased.leftMs <= 0) this.lose(leased);
        else await sleep(ASK_AGAIN_MS);
      }
    }
    throw new LeaseLostError();
  }

  private certain(leased: LeasedEntry): boolean {
    return leased.leftMs > this.periodMs && clocksAgreeSince(leased.heard, this.periodMs / 2);
  }

  private async askWhichHold(): Promise<ReadonlySet<LeasedEntry>> {
    const asked = this.unlost();
    const ids = new Set(await this.inTime(() => this.repository.stillHeld(asked.map(leaseOf))));
    return new Set(asked.filter(({ entry }) => ids.has(entry.id)));
  }

  private async prolonged(leased: LeasedEntry): Promise<boolean> {
    const sentAt = instant();
    const kept = await this.inTime(() => this.repository.renewLeases([leaseOf(leased)], this.leaseMs));
    if (kept.length === 0) return false;
    leased.heard = sentAt;
    return true;
  }

  /**
   * A connection that is cut may never answer. Then the database counts as unavailable, and another connection is used.
   */
  private async inTime<T>(ask: () => Promise<T>): Promise<T> {
    if (this.overdue >= MOST_OVERDUE) throw new Error('the database does not answer');
    const answer = ask();
    if ((await within(answer, this.periodMs)) === 'done') return answer;
    this.overdue += 1;
    const ended = (): void => void (this.overdue -= 1);
    answer.then(ended, ended);
    throw new Error('the database does not answer in time');
  }

  private async renew(): Promise<void> {
    this.giveUpWhatMayEnd();
    // Renewals run one at a time; the check above is made in every period.
    if (this.renewing) return;
    this.renewing = true;
    const asked = this.unlost();
    const sentAt = instant();
    try {
      const kept = new Set(
        await this.inTime(() => this.repository.renewLeases(asked.map(leaseOf), this.leaseMs)),
      );
      for (const leased of asked) {
        if (kept.has(leased.entry.id)) leased.heard = sentAt;
        else this.lose(leased);
      }
    } catch {
      // The database is unavailable, or the connection hangs: the next period asks again, until the lease may end.
    } finally {
      this.renewing = false;
    }
  }

  private unlost(): LeasedEntry[] {
    return [...this.leased].filter(({ lost }) => !lost);
  }

  private giveUpWhatMayEnd(): void {
    for (const leased of this.leased) if (leased.leftMs <= this.periodMs) this.lose(leased);
  }

  private lose(leased: LeasedEntry): void {
    if (leased.lost || !this.leased.has(leased)) return;
    leased.lost = true;
    leased.abort();
    this.onLost(leased.entry);
  }
}

const leaseOf = ({ entry: { id, token } }: LeasedEntry): { id: string; token: string } => ({ id, token });

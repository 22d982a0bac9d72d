import { setTimeout as sleep } from 'node:timers/promises';
import { Coalesced } from '../../common/coalesced.js';
import { clocksAgreeSince, elapsedSince, type Instant, instant } from '../../common/instant.js';
import { LeaseLostError } from '../../common/lease-lost.error.js';
import type { RunLease } from '../../common/run-lease.js';
import { within } from '../../common/within.js';
import type { DeadLetterQueueRepository } from '../store/dead-letter-queue.repository.js';
import type { ClaimedDeadLetter } from '../dead-letter.types.js';

/** A claimed entry in this process. */
export class LeasedEntry implements RunLease {
  private readonly controller = new AbortController();
  /** True when the lease ended, or may have: another worker may run the entry. */
  lost = false;
  /** True when its run is over and only its result is being written. */
  ended = false;

  /** @param heard when the claim was sent: the lease began after it */
  constructor(
    readonly entry: ClaimedDeadLetter,
    public heard: Instant,
    private readonly leaseMs: number,
    private readonly ask: (held: LeasedEntry) => Promise<void>,
  ) {}

  get fencingToken(): number {
    return this.entry.fencingToken;
  }

  /** See {@link LeaseKeeper}. */
  assure(): Promise<void> {
    return this.ask(this);
  }

  /** Milliseconds for which the entry is surely ours still, as this process knows. */
  get leftMs(): number {
    return this.leaseMs - elapsedSince(this.heard);
  }

  /** Aborts when the run must end: lease lost, or the worker stops. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  abort(): void {
    this.controller.abort();
  }
}

/** Milliseconds until the database is asked again about a lease that is in doubt. */
const ASK_AGAIN_MS = 250;
/** Statements that hang keep connections of the host's pool: with so many, no other is sent until one has ended. */
const MOST_OVERDUE = 3;

/**
 * Prolongs the leases of everything this process holds, and ends the runs of what it lost. A process that is cut off
 * from the database gives its entries up before their leases end there, so that no entry runs twice at once.
 *
 * A process that was stopped, or whose machine slept, believes in leases that have ended: before a call of a binding the
 * database is asked. Those who ask at the same time share one question. While the database is away nobody else can have
 * claimed the entry; then the clocks of this machine decide.
 */
export class LeaseKeeper {
  private readonly held = new Set<LeasedEntry>();
  private readonly word = new Coalesced(() => this.askWhichHold());
  private timer: NodeJS.Timeout | undefined;
  private renewing = false;
  /** Statements that were not answered in time, and have not ended yet. */
  private overdue = 0;

  constructor(
    private readonly repository: DeadLetterQueueRepository,
    private readonly leaseMs: number,
    private readonly onLost: (entry: ClaimedDeadLetter) => void,
  ) {}

  /** @param claimedAt when the claim was sent: the lease began after it */
  hold(entry: ClaimedDeadLetter, claimedAt: Instant): LeasedEntry {
    const held = new LeasedEntry(entry, claimedAt, this.leaseMs, (asking) => this.assure(asking));
    this.held.add(held);
    this.timer ??= setInterval(() => void this.renew(), this.periodMs);
    return held;
  }

  letGo(held: LeasedEntry): void {
    this.held.delete(held);
    if (this.held.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Ends the runs of an entry that was claimed anew while it runs here still. True when there are any. */
  loseOlder(id: string): boolean {
    const older = [...this.held].filter(({ entry, ended }) => entry.id === id && !ended);
    for (const held of older) this.lose(held);
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

  private async assure(held: LeasedEntry): Promise<void> {
    while (this.held.has(held) && !held.lost) {
      try {
        const ours = this.certain(held) ? (await this.word.ask()).has(held) : await this.prolonged(held);
        if (!ours) this.lose(held);
        // The answer may be from before the process was stopped.
        else if (this.certain(held)) return;
      } catch {
        if (this.certain(held)) return;
        if (held.leftMs <= 0) this.lose(held);
        else await sleep(ASK_AGAIN_MS);
      }
    }
    throw new LeaseLostError();
  }

  private certain(held: LeasedEntry): boolean {
    return held.leftMs > this.periodMs && clocksAgreeSince(held.heard, this.periodMs / 2);
  }

  private async askWhichHold(): Promise<ReadonlySet<LeasedEntry>> {
    const asked = this.unlost();
    const ids = new Set(await this.inTime(() => this.repository.stillHeld(asked.map(leaseOf))));
    return new Set(asked.filter(({ entry }) => ids.has(entry.id)));
  }

  private async prolonged(held: LeasedEntry): Promise<boolean> {
    const sentAt = instant();
    const kept = await this.inTime(() => this.repository.renewLeases([leaseOf(held)], this.leaseMs));
    if (kept.length === 0) return false;
    held.heard = sentAt;
    return true;
  }

  /** A connection that is cut may never answer: then the database counts as away, and the next one is asked. */
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
    // One at a time; the check above goes on.
    if (this.renewing) return;
    this.renewing = true;
    const asked = this.unlost();
    const sentAt = instant();
    try {
      const kept = new Set(
        await this.inTime(() => this.repository.renewLeases(asked.map(leaseOf), this.leaseMs)),
      );
      for (const held of asked) {
        if (kept.has(held.entry.id)) held.heard = sentAt;
        else this.lose(held);
      }
    } catch {
      // The database is away, or the connection hangs: the next period asks again, until the lease may end.
    } finally {
      this.renewing = false;
    }
  }

  private unlost(): LeasedEntry[] {
    return [...this.held].filter(({ lost }) => !lost);
  }

  private giveUpWhatMayEnd(): void {
    for (const held of this.held) if (held.leftMs <= this.periodMs) this.lose(held);
  }

  private lose(held: LeasedEntry): void {
    if (held.lost || !this.held.has(held)) return;
    held.lost = true;
    held.abort();
    this.onLost(held.entry);
  }
}

const leaseOf = ({ entry: { id, token } }: LeasedEntry): { id: string; token: string } => ({ id, token });

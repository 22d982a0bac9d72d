import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Coalesced } from '../../../common/coalesced.js';
import { clocksAgreeSince, elapsedSince, type Instant, instant } from '../../../common/instant.js';
import { LeaseLostError } from '../../../common/lease-lost.error.js';
import { startMarginMs } from '../graphile-worker.options.js';
import type { Heartbeat, NodeRegistry } from './node-registry.js';

/** Timing of a node's lease. */
export interface LeaseTiming {
  /** Milliseconds between heartbeats. */
  heartbeatMs: number;
  /** How many milliseconds a node counts as alive after its last heartbeat. */
  leaseMs: number;
}

/** What a lease reports to its owner. */
export interface LeaseEvents {
  /** The lease is over for good: running scripts must end, and their results must not count. */
  lost(): void;
  /** Nodes were found dead, and what they held is free again. */
  reaped(ids: readonly string[]): void;
  /** A heartbeat succeeded. */
  renewed(): void;
  /** A heartbeat failed; the lease still holds. */
  missed(error: unknown): void;
}

/**
 * Delay of the next heartbeat after a failed one, in milliseconds. It is short, because the answer may just have been
 * read too late.
 */
const RETRY_MS = 250;

/**
 * This node's right to work. While it holds, no other node touches the node's jobs.
 *
 * ```
 * joined ──► valid ── no heartbeat for a while ──► valid, but nothing new may start ──► lost
 *             ▲ │
 *             └─┘ heartbeat
 * ```
 *
 * The node counts its lease from the moment before it sent its last successful heartbeat, the database from the arrival
 * of that heartbeat. So the node notices the end first, however long it was paused. Two things could mislead it: a
 * suspended machine, whose monotonic clock stood still (the wall clock shows it), and a timer that fires late (a
 * process that resumes reads what arrived meanwhile in any order). In both cases the database decides. What a script
 * does outside the sandbox needs the database's answer every time, see {@link assure}.
 */
export class NodeLease {
  private heard: Instant = instant();
  private over = false;
  private beatTimer: NodeJS.Timeout | undefined;
  private endTimer: NodeJS.Timeout | undefined;
  private endCheck: NodeJS.Immediate | undefined;
  private renewing: Promise<Heartbeat> | undefined;
  private readonly word: Coalesced<boolean>;
  private readonly marginMs: number;

  constructor(
    readonly nodeId: string,
    private readonly registry: NodeRegistry,
    private readonly timing: LeaseTiming,
    private readonly events: LeaseEvents,
  ) {
    this.marginMs = startMarginMs(timing.leaseMs);
    this.word = new Coalesced(() => this.registry.holds(nodeId));
  }

  /** Rejects when the database is unavailable. */
  async join(): Promise<void> {
    const sentAt = instant();
    await this.registry.join(this.nodeId, this.timing.leaseMs);
    this.extend(sentAt);
    this.beatLater(this.timing.heartbeatMs);
  }

  /** True while results of this node count. */
  get valid(): boolean {
    return !this.over && this.leftMs > 0;
  }

  /** True while the node may start to run something: at least a tenth of the lease is left for stopping it again. */
  get mayStart(): boolean {
    return !this.over && this.leftMs > this.marginMs;
  }

  /** Whether the node may start to run something. Asks the database if the clocks of this machine leave a doubt. */
  async mayBegin(): Promise<boolean> {
    if (this.certain) return true;
    if (this.over) return false;
    try {
      return (await this.renew()).alive && this.certain;
    } catch {
      return false;
    }
  }

  /** {@link valid}, after reading what has arrived from the database in the meantime. */
  async stillHeld(): Promise<boolean> {
    if (!this.valid) await nextTurn();
    return this.valid;
  }

  /**
   * Resolves if the database says that the lease holds; simultaneous calls share its answer. While the database is
   * unavailable, nobody else can have taken over the lease; then the clocks of this machine decide.
   *
   * @throws LeaseLostError once the lease is over
   */
  async assure(): Promise<void> {
    while (!this.over) {
      try {
        if (!(this.certain ? await this.word.ask() : (await this.renew()).alive)) this.lose();
        // The answer may have arrived before the process was suspended.
        else if (this.certain) return;
      } catch {
        if (this.certain) return;
        await sleep(RETRY_MS);
      }
      if (!this.valid) this.lose();
    }
    throw new LeaseLostError();
  }

  /** Ends the lease without telling anyone. */
  stop(): void {
    this.over = true;
    clearTimeout(this.beatTimer);
    clearTimeout(this.endTimer);
    clearImmediate(this.endCheck);
  }

  private get leftMs(): number {
    return this.timing.leaseMs - elapsedSince(this.heard);
  }

  private get certain(): boolean {
    return this.mayStart && clocksAgreeSince(this.heard, this.marginMs / 2);
  }

  private extend(sentAt: Instant): void {
    this.heard = sentAt;
    this.endLater();
  }

  private endLater(): void {
    clearTimeout(this.endTimer);
    // An answer may be read after the lease has ended. From Node.js 22 on, a negative time prints a warning.
    this.endTimer = setTimeout(() => this.end(), Math.max(0, this.leftMs));
    this.endTimer.unref();
  }

  /** If the timer fired late because the process stood still, lets the answer to a heartbeat be read first. */
  private end(): void {
    this.endCheck = setImmediate(() => {
      if (this.valid) this.endLater();
      else this.lose();
    });
  }

  private beatLater(pauseMs: number): void {
    if (this.over) return;
    this.beatTimer = setTimeout(() => void this.beat(), pauseMs);
    this.beatTimer.unref();
  }

  private async beat(): Promise<void> {
    const { heartbeatMs } = this.timing;
    try {
      const { alive, expired } = await this.renew();
      if (alive) await this.reap(expired);
      this.beatLater(heartbeatMs);
    } catch (error) {
      if (!this.over) this.events.missed(error);
      this.beatLater(Math.min(heartbeatMs, RETRY_MS));
    }
  }

  /** Sends a heartbeat. Simultaneous calls share one. */
  private renew(): Promise<Heartbeat> {
    return (this.renewing ??= this.sendBeat().finally(() => (this.renewing = undefined)));
  }

  private async sendBeat(): Promise<Heartbeat> {
    const sentAt = instant();
    const answer = await this.registry.beat(this.nodeId, this.timing.leaseMs);
    if (this.over) return { alive: false, expired: [] };
    if (answer.alive) {
      this.extend(sentAt);
      this.events.renewed();
    } else this.lose();
    return answer;
  }

  private async reap(expired: readonly string[]): Promise<void> {
    if (expired.length === 0) return;
    const ids = await this.registry.reap(expired);
    if (ids.length > 0) this.events.reaped(ids);
  }

  private lose(): void {
    if (this.over) return;
    this.stop();
    this.events.lost();
  }
}

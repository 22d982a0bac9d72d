import type { NodeRegistry } from './node-registry.js';

/** Timing of a node's lease. */
export interface LeaseTiming {
  /** Milliseconds between heartbeats. */
  heartbeatMs: number;
  /** Milliseconds a node counts as alive after its last heartbeat. */
  leaseMs: number;
}

/** What a lease tells its owner. */
export interface LeaseEvents {
  /** The lease is over, once and for all: what runs must end, and its results must not count. */
  lost(): void;
  /** Nodes were found dead, and what they held is free again. */
  reaped(ids: readonly string[]): void;
  /** A heartbeat came through. */
  renewed(): void;
  /** A heartbeat failed; the lease still holds. */
  missed(error: unknown): void;
}

/**
 * This node's right to work. While it holds, no other node touches the node's jobs.
 *
 * ```
 * joined ──► held ── no heartbeat for a while ──► held, but nothing new may start ──► lost
 *             ▲ │
 *             └─┘ heartbeat
 * ```
 *
 * The node counts from before it sent its last good heartbeat, by the monotonic clock; the database counts from when it
 * came in. So the node always knows first, whatever the clocks of the machines say and however long it was paused.
 */
export class NodeLease {
  private deadline = 0;
  private over = false;
  private beatTimer: NodeJS.Timeout | undefined;
  private endTimer: NodeJS.Timeout | undefined;

  constructor(
    readonly nodeId: string,
    private readonly registry: NodeRegistry,
    private readonly timing: LeaseTiming,
    private readonly events: LeaseEvents,
  ) {}

  /** Rejects when the database is away. */
  async join(): Promise<void> {
    const sentAt = performance.now();
    await this.registry.join(this.nodeId, this.timing.leaseMs);
    this.extend(sentAt);
    this.beatLater();
  }

  /** True while results of this node count. */
  get held(): boolean {
    return !this.over && performance.now() < this.deadline;
  }

  /** True while the node may begin to run something: a tenth of the lease is left for it to be stopped again. */
  get mayStart(): boolean {
    return !this.over && performance.now() < this.deadline - this.timing.leaseMs / 10;
  }

  /** Ends the lease without a word to anyone. */
  stop(): void {
    this.over = true;
    clearTimeout(this.beatTimer);
    clearTimeout(this.endTimer);
  }

  private extend(sentAt: number): void {
    this.deadline = sentAt + this.timing.leaseMs;
    clearTimeout(this.endTimer);
    this.endTimer = setTimeout(() => this.lose(), this.deadline - performance.now());
    this.endTimer.unref();
  }

  private beatLater(): void {
    if (this.over) return;
    this.beatTimer = setTimeout(() => void this.beat(), this.timing.heartbeatMs);
    this.beatTimer.unref();
  }

  private async beat(): Promise<void> {
    const sentAt = performance.now();
    try {
      const { alive, expired } = await this.registry.beat(this.nodeId, this.timing.leaseMs);
      if (this.over) return;
      if (!alive) return this.lose();
      this.extend(sentAt);
      this.events.renewed();
      await this.reap(expired);
    } catch (error) {
      if (!this.over) this.events.missed(error);
    }
    this.beatLater();
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

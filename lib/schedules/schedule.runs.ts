import { randomUUID } from 'node:crypto';
import { WriteRefusedError } from '../common/batching-writer.errors.js';
import { BatchingWriter } from '../common/batching-writer.js';
import { inOwnContext } from '../common/own-context.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import type { NamedRun, HeldRun, ScheduleRepository } from './schedule.repository.js';
import type { ScheduleKey } from './schedule.types.js';

/** Most runs that one statement renews. */
const RENEWED_AT_ONCE = 500;

export interface ScheduleRunsSettings {
  /** Whether queued events survive this process. Then runs need no lease. */
  durable: boolean;
  /** Milliseconds after which a run in memory counts as lost, if its process did not renew it. */
  leaseMs: number;
  /** Longest run in milliseconds: it begins only if it ends within the lease. */
  longestRunMs: number;
}

interface Held {
  run: HeldRun;
  /** Until this moment of the monotonic clock, this process certainly has the lease. */
  until: number;
}

/**
 * Follows the runs of schedules from their claim to their end, and stores the end, so that the schedule's next time
 * doesn't wait. With a durable buffer, the end is stored before the event is acknowledged: after a crash in between,
 * the event is delivered again and its end stored then. In memory it is stored a moment later, but never before the
 * dead letter of a failed run. Until then this process renews a lease; runs that are lost with the process become due
 * again when their lease ends.
 */
export class ScheduleRuns {
  /** The name of this process in the leases; null with a durable buffer. */
  readonly owner: string | null;
  private readonly held = new Map<string, Held>();
  private readonly writer: BatchingWriter<NamedRun>;
  private timer: NodeJS.Timeout | undefined;
  /** Called when a run has ended and the schedule's next time has waited for it. */
  onWaited: () => void = () => undefined;

  constructor(
    private readonly repository: Pick<ScheduleRepository, 'ended' | 'renew'>,
    private readonly settings: ScheduleRunsSettings,
  ) {
    this.owner = settings.durable ? null : randomUUID();
    this.writer = new BatchingWriter<NamedRun>({
      name: 'writer of ended schedules',
      write: async (runs) => {
        if (await this.repository.ended(runs, this.owner)) this.onWaited();
      },
      tenantOf: ({ tenantId }) => tenantId,
      maxBatchItems: RENEWED_AT_ONCE,
      maxWaitMs: settings.durable ? 1 : 10,
    });
  }

  /** Whether the run is in the memory of this process. */
  holds(scriptId: string, eventId: string): boolean {
    return this.held.has(keyOf(scriptId, eventId));
  }

  /**
   * Call it when these events wait in the memory of this process.
   *
   * @param claimedAt a moment of the monotonic clock before they were claimed
   */
  opened(fired: readonly (ScheduleKey & { event: QueuedEvent })[], claimedAt: number): void {
    if (this.settings.durable || fired.length === 0) return;
    const { leaseMs, longestRunMs } = this.settings;
    const until = claimedAt + leaseMs;
    for (const { event, cron, timezone } of fired)
      this.held.set(keyOf(event.scriptId, event.id), { run: { ...runOf(event), cron, timezone }, until });
    this.timer ??= inOwnContext(() =>
      setInterval(() => void this.renewAll(), (leaseMs - longestRunMs) / 2).unref(),
    );
  }

  /**
   * Whether this process may begin the run. False if the lease was not renewed in time and another process has taken
   * over the run.
   *
   * @throws the database's error when that is not known
   */
  async mayBegin({ scriptId, id }: QueuedEvent): Promise<boolean> {
    if (this.settings.durable) return true;
    const held = this.held.get(keyOf(scriptId, id));
    if (!held) return false;
    if (performance.now() + this.settings.longestRunMs < held.until) return true;
    const taken = (await this.renew([held])).has(id);
    if (taken) this.held.delete(keyOf(scriptId, id));
    return !taken;
  }

  /**
   * Call it when the event has run or become a dead letter. With a durable buffer it resolves when that is stored,
   * otherwise immediately.
   *
   * @param letter of an event in memory that became a dead letter: resolves when it is stored
   * @throws with a durable buffer, if the end can't be stored: the event is then delivered again
   */
  async ended(event: QueuedEvent, letter?: Promise<void>): Promise<void> {
    if (this.settings.durable) return this.writer.add(runOf(event));
    if (letter)
      letter.then(
        () => this.closed(event),
        (error: unknown) => this.notKept(event, error),
      );
    else this.closed(event);
  }

  /** Call it when the buffer had no room for these events. */
  forget(events: readonly QueuedEvent[]): void {
    for (const event of events) this.held.delete(keyOf(event.scriptId, event.id));
  }

  /**
   * Stores the ends that are not stored yet, for up to `timeoutMs`. Another process notices the rest when the leases
   * end.
   */
  async close(timeoutMs: number): Promise<void> {
    clearInterval(this.timer);
    this.held.clear();
    await this.writer.close(timeoutMs);
  }

  private closed(event: QueuedEvent): void {
    this.forget([event]);
    this.writer.add(runOf(event)).catch(() => {
      // The process that finds the run open after its lease looks for its record and its dead letter.
    });
  }

  private notKept(event: QueuedEvent, error: unknown): void {
    // If the database refused the dead letter for its content, it would refuse it again, so the run ends here.
    // Otherwise the lease ends, and the event runs again.
    if (error instanceof WriteRefusedError) this.closed(event);
    else this.forget([event]);
  }

  private async renewAll(): Promise<void> {
    try {
      const all = [...this.held.values()];
      for (let at = 0; at < all.length; at += RENEWED_AT_ONCE)
        await this.renew(all.slice(at, at + RENEWED_AT_ONCE));
    } catch {
      // The runner reports that the database is away. Nothing begins here until the lease is confirmed.
    }
  }

  /** Resolves with the ids of the events that another process has now. */
  private async renew(held: readonly Held[]): Promise<ReadonlySet<string>> {
    const { leaseMs } = this.settings;
    const sentAt = performance.now();
    const runs = held.map(({ run }) => run);
    const taken = new Set(await this.repository.renew(runs, this.owner as string, leaseMs));
    for (const one of held) if (!taken.has(one.run.eventId)) one.until = sentAt + leaseMs;
    return taken;
  }
}

const keyOf = (scriptId: string, eventId: string): string => `${scriptId} ${eventId}`;
const runOf = ({ scriptId, tenantId, id }: QueuedEvent): NamedRun => ({ scriptId, tenantId, eventId: id });

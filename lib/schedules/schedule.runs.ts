import { BatchingWriter } from '../common/batching-writer.js';
import { inOwnContext } from '../common/own-context.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import type { EndedRun, ScheduleRepository } from './schedule.repository.js';

/** Most runs that one statement renews. */
const RENEWED_AT_ONCE = 500;

export interface ScheduleRunsSettings {
  /** Whether queued events survive this process. Then runs need no lease. */
  durable: boolean;
  /** Milliseconds after which a run in memory counts as lost, if its process did not renew it. */
  leaseMs: number;
}

/**
 * Follows the runs of schedules from their claim to their end, and stores the end, so that the next time knows that the
 * schedule has no run.
 * With a durable buffer, the end is stored before the event is acknowledged: after a crash in between, the event is
 * delivered again and its end stored then. In memory it is stored a moment later. Until then this process renews a
 * lease; runs that are lost with the process become due again when their lease ends.
 */
export class ScheduleRuns {
  private readonly held = new Map<string, EndedRun>();
  private readonly writer: BatchingWriter<EndedRun>;
  private timer: NodeJS.Timeout | undefined;
  /** Called when a run has ended for which the next time has waited. */
  onWaited: () => void = () => undefined;

  constructor(
    private readonly repository: Pick<ScheduleRepository, 'ended' | 'renew'>,
    private readonly settings: ScheduleRunsSettings,
  ) {
    this.writer = new BatchingWriter<EndedRun>({
      name: 'writer of ended schedules',
      write: async (runs) => {
        if (await this.repository.ended(runs)) this.onWaited();
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

  /** Call it when these events wait in the memory of this process. */
  opened(events: readonly QueuedEvent[]): void {
    if (this.settings.durable || events.length === 0) return;
    for (const event of events) this.held.set(keyOf(event.scriptId, event.id), runOf(event));
    this.timer ??= inOwnContext(() =>
      setInterval(() => void this.renew(), this.settings.leaseMs / 3).unref(),
    );
  }

  /**
   * Call it when the event has run or become a dead letter. With a durable buffer it resolves when that is stored,
   * otherwise immediately.
   * @throws with a durable buffer, if the end can't be stored: the event is then delivered again
   */
  async ended(event: QueuedEvent): Promise<void> {
    const stored = this.writer.add(runOf(event));
    if (this.settings.durable) return stored;
    this.forget([event]);
    // If this fails, the process that finds the run open after its lease looks for its record.
  }

  /** Call it when these events found no place in the buffer. */
  forget(events: readonly QueuedEvent[]): void {
    for (const event of events) this.held.delete(keyOf(event.scriptId, event.id));
  }

  /** Stores the ends that are not stored yet, for up to `timeoutMs`. The rest is found when the leases end. */
  async close(timeoutMs: number): Promise<void> {
    clearInterval(this.timer);
    this.held.clear();
    await this.writer.close(timeoutMs);
  }

  private async renew(): Promise<void> {
    const runs = [...this.held.values()];
    try {
      for (let at = 0; at < runs.length; at += RENEWED_AT_ONCE)
        await this.repository.renew(runs.slice(at, at + RENEWED_AT_ONCE), this.settings.leaseMs);
    } catch {
      // The runner reports that the database is away. A run whose lease ends meanwhile still belongs to this process.
    }
  }
}

const keyOf = (scriptId: string, eventId: string): string => `${scriptId} ${eventId}`;
const runOf = ({ scriptId, tenantId, id }: QueuedEvent): EndedRun => ({ scriptId, tenantId, eventId: id });

import { BatchingWriter } from '../common/batching-writer.js';
import { inOwnContext } from '../common/own-context.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import type { EndedRun, ScheduleRepository } from './schedule.repository.js';

/** Runs that one statement prolongs. */
const RENEWED_AT_ONCE = 500;

export interface ScheduleRunsSettings {
  /** Whether a queued event survives this process: then nobody has to say that it lives. */
  durable: boolean;
  /** Milliseconds after which a run in memory counts as lost with its process. */
  leaseMs: number;
}

/**
 * Runs of schedules from their claim to their end. The end is stored, so that the next time knows that nothing of the
 * schedule runs.
 *
 * With a durable buffer it is stored before the event is answered: after a crash in between the event is delivered again, and
 * its end with it. In memory it is stored a moment later, and until then this process says again and again that it lives: what
 * it takes down with it is due again when its lease is over.
 */
export class ScheduleRuns {
  private readonly held = new Map<string, EndedRun>();
  private readonly writer: BatchingWriter<EndedRun>;
  private timer: NodeJS.Timeout | undefined;
  /** Told when a run has ended that the next time has waited for. */
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

  /** Whether this process still has the run. */
  holds(scriptId: string, eventId: string): boolean {
    return this.held.has(keyOf(scriptId, eventId));
  }

  /** These events wait in the memory of this process. */
  opened(events: readonly QueuedEvent[]): void {
    if (this.settings.durable || events.length === 0) return;
    for (const event of events) this.held.set(keyOf(event.scriptId, event.id), runOf(event));
    this.timer ??= inOwnContext(() =>
      setInterval(() => void this.renew(), this.settings.leaseMs / 3).unref(),
    );
  }

  /**
   * The event has run, or is kept as a dead letter. Resolves with a durable buffer when that is stored, else at once.
   *
   * @throws with a durable buffer, when it cannot be stored: the event is delivered again
   */
  async ended(event: QueuedEvent): Promise<void> {
    const stored = this.writer.add(runOf(event));
    if (this.settings.durable) return stored;
    this.forget([event]);
    // Whoever finds it open when its lease is over looks for its record.
  }

  /** These events found no place here after all. */
  forget(events: readonly QueuedEvent[]): void {
    for (const event of events) this.held.delete(keyOf(event.scriptId, event.id));
  }

  /** Stores what has ended, for up to `timeoutMs`. What is left is found when its lease is over. */
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
      // The database is away, which whoever claims tells. A run whose lease ends stays this process's own.
    }
  }
}

const keyOf = (scriptId: string, eventId: string): string => `${scriptId} ${eventId}`;
const runOf = ({ scriptId, tenantId, id }: QueuedEvent): EndedRun => ({ scriptId, tenantId, eventId: id });

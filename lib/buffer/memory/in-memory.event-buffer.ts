import { FairTimer } from '../../common/fair-timer.js';
import { setMaxListeners } from 'node:events';
import { PrintableLogger } from '../../common/printable-logger.js';
import { type Clock, SystemClock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { lineAbout, type LogSubject } from '../../common/log-line.js';
import { keptWorkers } from '../../common/kept-workers.js';
import type { NameOfScript } from '../../common/script-in-words.js';
import {
  EventBuffer,
  type EnqueueResult,
  type EventBufferStats,
  type ProcessingVerdict,
  type ProcessQueuedEvent,
} from '../event-buffer.js';
import { ThrottledLog } from '../../common/throttled-log.js';
import { FairQueue } from './fair-queue.js';
import type { QueuedEvent } from '../queued-event.js';
import { RunRates } from './run-rates.js';
import type { Lane, SharedLimits } from '../shared-limits.js';

/** Settings of {@link InMemoryEventBuffer}. */
export interface InMemoryEventBufferOptions {
  /** Maximum number of waiting queued events, at least 1. */
  size: number;
  /** How many queued events are processed at the same time, at least 1. */
  workerCount: number;
  /** Maximum number of runs of one script at the same time, at least 1, so that one script never takes all workers. */
  runsPerScript: (scriptId: string) => number;
  /** Limits of a tenant's runs, and runs per minute, within this process. Default none. */
  limits?: (lane: Lane) => SharedLimits;
  /**
   * Whether more than one tenant may have something to run. While it returns true, some workers are kept for tenants
   * that have nothing running; see `keptWorkers`. Default: no.
   */
  severalTenants?: () => boolean;
  /** Whether a tenant's runs computed for long lately. Then no kept worker starts one. Default: no tenant's. */
  isHeavy?: (tenantId: string) => boolean;
  /** Takes a listener that is called when `isHeavy` no longer returns true for a tenant. Needed with `isHeavy`. */
  onTenantLight?: (listener: (tenantId: string) => void) => void;
  /** Names of scripts, for the log. Default none. */
  nameOf?: NameOfScript;
}

/** Milliseconds until events that were put back because the database is unavailable are tried again. */
const TRY_AGAIN_MS = 1_000;

/**
 * The default buffer: limited, in this process's memory, with a worker pool. Waiting events survive a graceful stop,
 * because the caller keeps what {@link stop} returns; they don't survive a crash.
 *
 * `enqueue` is synchronous and only files the events. Work starts in a later turn of the event loop, so that `emit()`
 * in the host never pays for it.
 */
export class InMemoryEventBuffer extends EventBuffer {
  override readonly putsBack = true;
  override readonly overflowMessage: string;

  private readonly log = new ThrottledLog(new PrintableLogger(InMemoryEventBuffer.name), new SystemClock());
  private readonly queue: FairQueue;
  private readonly rates: RunRates;
  private minuteTimer: NodeJS.Timeout | undefined;
  private againTimer: NodeJS.Timeout | undefined;
  private readonly abort = new AbortController();
  private process: ProcessQueuedEvent | undefined;
  private busy = 0;
  private closed = false;
  private stopped = false;
  private pumpScheduled = false;
  private readonly idleWaiters = new Set<() => void>();

  constructor(
    private readonly options: InMemoryEventBufferOptions,
    private readonly clock: Clock,
  ) {
    super();
    const { runsPerScript, limits = (): SharedLimits => ({}), isHeavy } = options;
    this.overflowMessage =
      `The event buffer was full (${options.size} queued events), and no other tenant had more events waiting. Raise ` +
      'buffer.size or buffer.workerCount if this keeps happening.';
    this.rates = new RunRates(limits, clock);
    this.queue = new FairQueue({
      runsPerScript,
      runsPerTenant: (tenantId) => limits({ tenantId, scriptId: '' }).tenantRuns,
      rates: this.rates,
      ...(isHeavy && { isHeavy }),
    });
    // Otherwise nothing would look at the tenant's events before a run ends, and that of a loop may take long.
    options.onTenantLight?.((tenantId) => {
      this.queue.relist(tenantId);
      this.schedulePump();
    });
    // Every running script listens to this one signal, so the default warning at 10 listeners would be wrong.
    setMaxListeners(0, this.abort.signal);
  }

  async start(process: ProcessQueuedEvent): Promise<void> {
    this.process = process;
    this.schedulePump();
  }

  enqueue(events: readonly QueuedEvent[]): EnqueueResult {
    if (this.closed) return { accepted: 0, overflowed: [...events] };
    const out = new Set<QueuedEvent>();
    for (const event of events) {
      const placeless = this.queue.offer(event, this.options.size);
      if (placeless) out.add(placeless);
    }
    if (out.size === 0) return this.accepted(events.length);
    const overflowed = events.filter((event) => out.has(event));
    for (const event of overflowed) out.delete(event);
    const result = { ...this.accepted(events.length - overflowed.length), overflowed };
    return out.size === 0 ? result : { ...result, displaced: [...out] };
  }

  private accepted(accepted: number): EnqueueResult {
    if (accepted > 0) this.schedulePump();
    return { accepted, overflowed: NONE };
  }

  close(): void {
    this.closed = true;
  }

  async drain(timeoutMs: number): Promise<boolean> {
    return this.waitUntil(() => this.busy === 0 && this.queue.size === 0, timeoutMs);
  }

  async stop(graceMs: number): Promise<readonly QueuedEvent[]> {
    this.close();
    this.stopped = true;
    clearTimeout(this.minuteTimer);
    clearTimeout(this.againTimer);
    const left = this.queue.clear();
    this.abort.abort();
    await this.waitUntil(() => this.busy === 0, graceMs);
    // Including events that were put back a moment ago.
    return [...left, ...this.queue.clear()];
  }

  stats(): EventBufferStats {
    const oldest = this.queue.oldest();
    return {
      depth: this.queue.size,
      capacity: this.options.size,
      busy: this.busy,
      workers: this.options.workerCount,
      oldestMs: oldest === undefined ? 0 : Math.max(0, this.clock.now() - oldest),
      limited: this.queue.limited(),
    };
  }

  private schedulePump(): void {
    if (this.pumpScheduled || this.stopped || !this.process) return;
    this.pumpScheduled = true;
    setImmediate(() => {
      this.pumpScheduled = false;
      this.pump();
    });
  }

  private pump(): void {
    while (!this.stopped && this.busy < this.options.workerCount) {
      const event = this.queue.take(this.options.workerCount - this.busy > this.kept());
      if (!event) break;
      this.busy++;
      void this.work(event);
    }
    this.waitForNextMinute();
  }

  private kept(): number {
    const { workerCount, severalTenants } = this.options;
    return keptWorkers(workerCount, severalTenants?.() ?? false);
  }

  /** At the next minute, continues with everything that has used up its runs of this minute. */
  private waitForNextMinute(): void {
    if (this.stopped || !this.queue.isRated || this.minuteTimer) return;
    this.minuteTimer = setTimeout(() => {
      this.minuteTimer = undefined;
      this.queue.nextMinute();
      this.pump();
    }, this.rates.untilNextMinute());
    this.minuteTimer.unref();
  }

  private subjectOf({ id: eventId, scriptId, tenantId }: QueuedEvent): LogSubject {
    return { tenantId, scriptId, scriptName: this.options.nameOf?.(scriptId), eventId };
  }

  private async work(event: QueuedEvent): Promise<void> {
    let outcome: ProcessingVerdict | void = undefined;
    try {
      outcome = await this.process!(event, this.abort.signal, 1);
    } catch (error) {
      this.log.error(
        `not processed ${event.tenantId}`,
        lineAbout(
          this.subjectOf(event),
          (ids) =>
            `Queued event${ids.event} for script ${ids.script}${ids.ofTenant} could not be processed: ${messageOf(error)}`,
        ),
      );
    } finally {
      this.busy--;
      if (outcome === 'later') this.putBack(event);
      else this.queue.release(event);
      this.pump();
      for (const check of this.idleWaiters) check();
    }
  }

  private putBack(event: QueuedEvent): void {
    this.queue.putBack(event);
    if (this.stopped || this.againTimer) return;
    this.againTimer = setTimeout(() => {
      this.againTimer = undefined;
      this.queue.goOn();
      this.pump();
    }, TRY_AGAIN_MS);
    this.againTimer.unref();
  }

  private waitUntil(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    if (condition()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (met: boolean) => {
        timer.cancel();
        this.idleWaiters.delete(check);
        resolve(met);
      };
      const check = () => condition() && finish(true);
      const timer = new FairTimer(timeoutMs, () => finish(false));
      this.idleWaiters.add(check);
    });
  }
}

const NONE: readonly QueuedEvent[] = [];

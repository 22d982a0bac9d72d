import { setTimeout as sleep } from 'node:timers/promises';
import { Outage } from '../common/outage.js';
import { inOwnContext } from '../common/own-context.js';
import { PrintableLogger } from '../common/printable-logger.js';
import { ThrottledLog } from '../common/throttled-log.js';
import { within } from '../common/within.js';
import { ScheduleBatches, type ScheduleParts } from './schedule.batches.js';
import type { ClaimSettings } from './schedule.claim.js';
import { ScheduleWatch } from './schedule.watch.js';

/** Shortest pause between two looks, in milliseconds, and the one after a fault or while the buffer is full. */
const PAUSE_MS = 100;
const FAULT_PAUSE_MS = 1_000;

export interface ScheduleRunnerSettings extends ClaimSettings {
  /** Longest time between two looks at the database, in milliseconds. */
  pollMs: number;
}

/** What this process has done with schedules since it started. */
export interface ScheduleStats {
  /** Whether this process makes events of schedules. */
  running: boolean;
  fired: number;
  missed: number;
  skipped: number;
  /** Whether the database is unreachable (`away`), or something else keeps it from working (`failing`). */
  away: boolean;
  failing: boolean;
  /** Milliseconds since the database last answered. null if it has not answered yet. */
  sinceLookMs: number | null;
}

/**
 * Makes an event of each time of each schedule.
 *
 * ```
 * asleep until the next time, at most `pollMs` ──► what is due? ──► claim it, a batch of tenants in turn:
 *      ▲                                                             lock, decide, store the next time and the event
 *      └──────────────── nothing more is due ◄──────────────────────┘
 * ```
 *
 * The database's clock decides what is due, and a lock on the schedule's row which process acts, so any number of
 * processes together make one event for each time. With a durable buffer the event is stored in the same transaction.
 * In memory it is queued afterwards, and the row holds a lease with the name of the process: the process begins the run
 * only while it has the lease, and if it dies, the time becomes due again.
 */
export class ScheduleRunner {
  private readonly logger = new PrintableLogger('Schedules');
  private readonly log: ThrottledLog;
  private readonly outage = new Outage(this.logger, {
    begins: 'Schedules wait because the database is unavailable',
    ends: 'The database is back; schedules continue.',
    fails: 'Schedules fail',
  });
  private readonly watch: ScheduleWatch;
  private readonly batches: ScheduleBatches;
  private readonly stopping = new AbortController();
  private waking = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(
    private readonly parts: ScheduleParts,
    private readonly settings: ScheduleRunnerSettings,
  ) {
    this.log = new ThrottledLog(this.logger, parts.clock);
    this.watch = new ScheduleWatch(parts.repository, settings, this.logger);
    this.batches = new ScheduleBatches(parts, settings, this.watch, this.log);
    parts.runs.onWaited = () => this.poke();
  }

  /** Starts looking for schedules that are due. A second call does nothing. */
  start(): void {
    if (this.stopping.signal.aborted) return;
    this.loop ??= inOwnContext(() => this.go());
  }

  /** Looks again soon, because something may be due earlier than was known. */
  poke(): void {
    this.waking.abort();
  }

  /** Claims nothing more, and waits up to `graceMs` for the claim under way. */
  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    this.waking.abort();
    if (this.loop) await within(this.loop, graceMs);
    this.log.tell();
  }

  stats(): ScheduleStats {
    const { isOn: away, isFailing: failing } = this.outage;
    const running = this.loop !== undefined && !this.stopping.signal.aborted;
    return { running, ...this.batches.counts, away, failing, sinceLookMs: this.watch.sinceLookMs };
  }

  /** For how many milliseconds the most overdue time of all schedules has been due; 0 if none is due. */
  async overdueMs(): Promise<number> {
    const { dueInMs } = await this.parts.repository.untilDue();
    return Math.max(0, -(dueInMs ?? 0));
  }

  /**
   * Acts on every schedule that is due. Resolves with the milliseconds until the next look. Never rejects. @internal
   * for tests
   */
  async look(): Promise<number> {
    try {
      const wait = await this.lookOnce();
      this.outage.worked();
      return wait;
    } catch (error) {
      this.watch.broken();
      this.outage.failed(error);
      return FAULT_PAUSE_MS;
    }
  }

  private async go(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.waking = new AbortController();
      const wait = await this.look();
      // A wake-up during the shortest pause is not lost: the signal stays aborted.
      await sleep(PAUSE_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      await sleep(Math.max(0, wait - PAUSE_MS), undefined, { signal: this.waking.signal }).catch(
        () => undefined,
      );
    }
  }

  private async lookOnce(): Promise<number> {
    let left = await this.watch.untilDue();
    if (left !== null && left <= 0) {
      if (await this.batches.claimAll(this.stopping.signal)) return FAULT_PAUSE_MS;
      left = await this.watch.untilDue();
    }
    const { pollMs } = this.settings;
    return left === null ? pollMs : Math.min(pollMs, Math.max(0, Math.ceil(left)));
  }
}

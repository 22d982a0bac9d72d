import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { PrintableLogger } from '../common/printable-logger.js';
import { ThrottledLog } from '../common/throttled-log.js';
import { Clock, SystemClock } from '../common/clock.js';
import { messageOf } from '../common/errors.js';
import { lineAbout } from '../common/log-line.js';
import { Outage } from '../common/outage.js';
import { within } from '../common/within.js';
import { AlertDispatcher } from '../alerts/alert.dispatcher.js';
import type { ScriptEntity } from '../entities/index.js';
import { BY_HAND, ExecutionObserver, type ObservedExecution } from '../execution/execution.observer.js';
import { MetricsRecorder } from '../metrics/metrics.recorder.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import { ScriptIndex } from '../scripts/script-index.js';
import { ScriptIndexSync } from '../scripts/script-index.sync.js';
import { type ScriptChange, ScriptRepository } from '../scripts/script.repository.js';
import { addReport, countsAgainst, reasonOf, type BreakerVerdict, verdictOn } from './breaker.policy.js';
import { RunTallies } from './run-tallies.js';
import { ScriptHealthRepository, type StoredReport } from './script-health.repository.js';

/** The breaker's name in scripts and alerts. */
const BREAKER = 'scripts-event';

/** How many scripts one report covers. */
const MAX_BATCH = 100;
/**
 * Milliseconds between two reports of this process, so that a flood of failures costs ten small transactions a second.
 */
const PAUSE_MS = 100;
const FIRST_BACK_OFF_MS = 250;
const MAX_BACK_OFF_MS = 5_000;

/**
 * Observes how executions end, and stops scripts that keep failing.
 *
 * ```
 *                failures                    more failures
 *  healthy ─────────────────► degraded ─────────────────────► disabled
 *     ▲  ▲                     │   one run at a time             │   events are kept
 *     │  └─ nothing counts ────┘                                 │
 *     └────────────── somebody activates or resumes it ──────────┘        a new version also ends `degraded`
 * ```
 *
 * Reports of all processes add up in the database. A change is made under the script's lock, so it happens once even if
 * several processes reach the same verdict. Successes of a healthy script stay in memory.
 */
@Injectable()
export class ScriptBreaker extends ExecutionObserver {
  private readonly logger = new PrintableLogger(ScriptBreaker.name);
  private readonly log = new ThrottledLog(this.logger, new SystemClock());
  private readonly outage = new Outage(this.logger, {
    begins: 'Script health is not updated while the database is unavailable',
    ends: 'The database is back; script health is updated again.',
    fails: 'Updating script health fails',
  });
  private readonly tallies: RunTallies;
  private readonly stopping = new AbortController();
  private reporting: Promise<void> | undefined;
  private failedInARow = 0;

  constructor(
    private readonly health: ScriptHealthRepository,
    private readonly scripts: ScriptRepository,
    private readonly index: ScriptIndex,
    private readonly indexSync: ScriptIndexSync,
    private readonly alerts: AlertDispatcher,
    private readonly metrics: MetricsRecorder,
    private readonly clock: Clock,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {
    super();
    this.tallies = new RunTallies(options.breaker.windowMs);
  }

  override ended(execution: ObservedExecution): void {
    const { scriptId, trigger, error } = execution;
    if (!this.options.breaker.enabled || BY_HAND.has(trigger)) return;
    if (error && !countsAgainst(error)) return;
    if (error) this.tallies.failed(execution, error, this.clock.now());
    else this.tallies.completed(execution, this.clock.now());
    // Completed runs of a degraded script count towards its recovery.
    if (!error && this.index.get(scriptId)?.degraded) this.tallies.report(scriptId);
    if (this.tallies.isDue && !this.stopping.signal.aborted) this.start();
  }

  /** Waits until all results so far are reported and acted on. Returns false if that takes longer than `timeoutMs`. */
  async flush(timeoutMs: number): Promise<boolean> {
    return this.reporting === undefined || (await within(this.reporting, timeoutMs)) === 'done';
  }

  /** Reports what is left, for up to `graceMs`, and nothing after that. */
  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    if (this.tallies.isDue) this.start();
    await this.flush(graceMs);
  }

  private start(): void {
    this.reporting ??= this.report().finally(() => {
      this.reporting = undefined;
      // Results may have come while the last round was ending.
      if (this.tallies.isDue && !this.stopping.signal.aborted) this.start();
    });
  }

  private async report(): Promise<void> {
    while (this.tallies.isDue) {
      const reports = this.tallies.take(MAX_BATCH);
      try {
        const stored = await this.health.add(reports, (window, report, now) =>
          addReport(window, report, now, this.options.breaker),
        );
        for (const one of stored) await this.judge(one);
        this.failedInARow = 0;
        this.outage.worked();
      } catch (error) {
        this.tallies.putBack(reports, this.clock.now());
        if (this.stopping.signal.aborted) return;
        this.failedInARow += 1;
        this.outage.failed(error);
      }
      await this.pause();
    }
  }

  private async pause(): Promise<void> {
    const backOff = Math.min(MAX_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (this.failedInARow - 1));
    const ms = this.failedInARow === 0 ? PAUSE_MS : backOff;
    await sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  private async judge({ report, window, degraded }: StoredReport): Promise<void> {
    const verdict = verdictOn(window, degraded, this.options.breaker);
    if (verdict === null) return;
    const { tenantId, scriptId, version, last } = report;
    let moved = false;
    try {
      await this.scripts.change(tenantId, scriptId, BREAKER, (current) => {
        moved = mayMove(current, verdict, version);
        return moved ? changeFor(verdict, reasonOf(window, last)) : {};
      });
    } catch (error) {
      // Its failures are stored, so the next check comes to the same verdict.
      this.log.warn(
        tenantId,
        lineAbout(
          { tenantId, scriptId, scriptName: this.index.nameOf(scriptId) },
          ({ script, ofTenant }) =>
            `Script ${script}${ofTenant} could not be ${verdict}; this will be retried: ${messageOf(error)}`,
        ),
      );
      const nothing = { ...report, completed: 0, failures: {}, lost: {} };
      this.tallies.putBack([nothing], this.clock.now());
      return;
    }
    if (!moved) return;
    await this.indexSync.refresh(scriptId);
    this.metrics.breakerMoved(verdict);
    this.alerts.poke();
  }
}

/** False if another process has already made the change, or somebody has saved another version. */
const mayMove = (
  { status, degraded, version }: ScriptEntity,
  verdict: Exclude<BreakerVerdict, null>,
  judged: number,
): boolean => {
  if (status !== 'active' || version !== judged) return false;
  return verdict === 'disabled' || degraded === (verdict === 'resumed');
};

function changeFor(verdict: Exclude<BreakerVerdict, null>, reason: string): ScriptChange {
  if (verdict === 'disabled') return { columns: { status: 'disabled', statusReason: reason } };
  const degraded = verdict === 'degraded';
  return { columns: { degraded, statusReason: degraded ? reason : null } };
}

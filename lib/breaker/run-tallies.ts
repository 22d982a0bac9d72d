import { LRUCache } from 'lru-cache';
import type { ObservedExecution } from '../execution/execution.observer.js';
import { sum } from './breaker.policy.js';
import type { RunReport } from './run-report.js';

/** How many scripts' successes are remembered; those that ran longest ago are forgotten first. */
const REMEMBERED = 10_000;
/** Longest stored message, which is for people; the execution's record has the rest. */
const MAX_MESSAGE = 500;

interface Tally extends RunReport {
  since: number;
}

/**
 * Counts in memory how executions end, script by script, until it is reported. A success costs a look-up and an
 * addition, and nothing is stored for a script that works.
 */
export class RunTallies {
  private readonly tallies = new LRUCache<string, Tally>({ max: REMEMBERED });
  private readonly urgent = new Set<string>();

  /** @param windowMs successes are forgotten after this time, because they should not make up for unrelated failures */
  constructor(private readonly windowMs: number) {}

  completed(execution: ObservedExecution, now: number): void {
    const tally = this.tallyOf(execution, now);
    if (tally) tally.completed += 1;
  }

  /** Counts a failure and requests a report. */
  failed(
    execution: ObservedExecution,
    error: { kind: string; message: string; processLost?: boolean },
    now: number,
  ): void {
    const tally = this.tallyOf(execution, now);
    if (!tally) return;
    const { kind, message, processLost } = error;
    tally.failures = sum(tally.failures, { [kind]: 1 });
    if (processLost) tally.lost = sum(tally.lost, { [kind]: 1 });
    const { version, executionId } = execution;
    const at = new Date(now).toISOString();
    tally.last = { at, version, kind, message: message.slice(0, MAX_MESSAGE), executionId };
    this.report(execution.scriptId);
  }

  /** Requests a report of a script. */
  report(scriptId: string): void {
    this.urgent.add(scriptId);
  }

  /** Whether there is something to report. */
  get isDue(): boolean {
    return this.urgent.size > 0;
  }

  /** Takes out what is to be reported, for up to `limit` scripts. */
  take(limit: number): RunReport[] {
    const reports: RunReport[] = [];
    for (const scriptId of this.urgent) {
      if (reports.length === limit) break;
      this.urgent.delete(scriptId);
      const tally = this.tallies.get(scriptId);
      this.tallies.delete(scriptId);
      if (tally) reports.push(tally);
    }
    return reports;
  }

  /** Puts back what could not be reported. */
  putBack(reports: readonly RunReport[], now: number): void {
    for (const report of reports) {
      const tally = this.tallyOf(report, now);
      if (!tally) continue;
      tally.completed += report.completed;
      tally.failures = sum(tally.failures, report.failures);
      tally.lost = sum(tally.lost, report.lost);
      tally.last ??= report.last;
      this.report(report.scriptId);
    }
  }

  /** Undefined for a version that is no longer the newest. */
  private tallyOf(
    { tenantId, scriptId, version }: Pick<RunReport, 'tenantId' | 'scriptId' | 'version'>,
    now: number,
  ): Tally | undefined {
    const known = this.tallies.get(scriptId);
    if (known && known.version > version) return undefined;
    const isOld = known && known.last === null && now - known.since >= this.windowMs;
    if (known && !isOld && known.version === version) return known;
    const tally: Tally = {
      tenantId,
      scriptId,
      version,
      completed: 0,
      failures: {},
      lost: {},
      last: null,
      since: now,
    };
    this.tallies.set(scriptId, tally);
    return tally;
  }
}

import type { Page, PageRequest } from '../common/page.js';
import type { AlertSource, WaitingAlert } from '../alerts/alert.source.js';
import type { ClaimRequest } from '../dead-letter/store/dead-letter-queue.repository.js';
import type { HealthWindow } from './breaker.policy.js';
import type { RunReport } from './run-report.js';
import type { ScriptBlame, ScriptHealth, ScriptHealthState } from './script-health.types.js';

/** A report that is stored, and what counts against its script now. */
export interface StoredReport {
  report: RunReport;
  window: HealthWindow;
  degraded: boolean;
}

/** How a report changes a window; `now` is the database's clock in milliseconds. */
export type CountReport = (window: HealthWindow, report: RunReport, now: number) => HealthWindow;

/** Port: stores the health of scripts that fail. Every read for a person is limited to one tenant. */
export abstract class ScriptHealthRepository implements AlertSource {
  /**
   * Adds reports in one transaction with each script locked, so that reports of several processes add up. Reports about
   * a version that is not current, or about a deleted script, are left out.
   */
  abstract add(reports: readonly RunReport[], count: CountReport): Promise<StoredReport[]>;

  /** Adds to the number of lost events of each script. */
  abstract addNoRoom(counts: ReadonlyMap<string, number>): Promise<void>;

  /** Null if there is no such script. */
  abstract get(tenantId: string, scriptId: string): Promise<ScriptHealth | null>;

  /** Scripts that are degraded or disabled, newest first. */
  abstract list(
    tenantId: string,
    states: readonly Exclude<ScriptHealthState, 'healthy'>[],
    page: PageRequest,
  ): Promise<Page<ScriptHealth>>;

  /** Scripts that have ended processes, worst first. */
  abstract blame(tenantId: string, limit: number): Promise<ScriptBlame[]>;

  /** When the first failure that counts happened, or the health last changed, in any version; null if neither. */
  abstract troubleSince(tenantId: string, scriptId: string): Promise<Date | null>;

  /** All tenants together, for metrics. */
  abstract countByState(): Promise<Record<'degraded' | 'disabled', number>>;

  /** Claims changes of health whose alert has not been sent. */
  abstract claim(request: ClaimRequest): Promise<WaitingAlert[]>;
}

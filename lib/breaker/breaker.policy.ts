import type { ScriptHealthEntity } from '../entities/index.js';
import type { RunError } from '../sandbox/index.js';
import type { RunReport } from './run-report.js';

/** When a script is degraded and disabled; `BreakerOptions` has ranges and defaults. */
export interface BreakerLimits {
  maxCrashes: number;
  maxFailures: number;
  degradeAt: number;
  windowMs: number;
}

/** What counts against a script. */
export interface HealthWindow extends Pick<
  ScriptHealthEntity,
  'points' | 'runs' | 'failures' | 'failuresByKind' | 'endedProcesses'
> {
  /** Milliseconds since the epoch; null when nothing counts. */
  startedAt: number | null;
}

export const NOTHING_COUNTS: Readonly<HealthWindow> = {
  startedAt: null,
  points: 0,
  runs: 0,
  failures: 0,
  failuresByKind: {},
  endedProcesses: 0,
};

/** What happens to a script; null: nothing. */
export type BreakerVerdict = 'degraded' | 'disabled' | 'resumed' | null;

/** Failures that use up the time or memory that a script may take. Each counts as much as five others. */
const COSTLY: ReadonlySet<string> = new Set(['timeout', 'memory']);
const COSTLY_POINTS = 5;
/** Sums of fractions such as 100 / 3 may be slightly less than the whole. */
const ROUNDING = 1e-6;

/**
 * Whether a failure says something about the script. A failure that the script asked for (`NonRetryableError`,
 * `RetryAfterError`) doesn't, and neither does a cancelled run or one for which no process could be started.
 */
export function countsAgainst({ kind, retryable, retryAfterMs, processLost }: RunError): boolean {
  if (kind === 'cancelled' || retryable === false || retryAfterMs !== undefined) return false;
  return kind !== 'crashed' || processLost === true;
}

/**
 * A window after one process's report is added. Each success takes one point off; successes are not saved up for later
 * failures. When no points are left, or `windowMs` is over, the next failure starts a new window. Pure.
 *
 * @param now by the database's clock, milliseconds since the epoch
 */
export function addReport(
  window: HealthWindow,
  report: RunReport,
  now: number,
  limits: BreakerLimits,
): HealthWindow {
  const { startedAt } = window;
  const isOver = startedAt === null || now - startedAt >= limits.windowMs;
  const before = isOver ? NOTHING_COUNTS : window;
  const points = Math.max(0, before.points - report.completed) + pointsOf(report, limits);
  if (points === 0) return NOTHING_COUNTS;
  const lost = total(report.lost);
  return {
    startedAt: before.startedAt ?? now,
    points,
    runs: before.runs + report.completed + total(report.failures),
    failures: before.failures + total(report.failures),
    failuresByKind: sum(before.failuresByKind, report.failures),
    endedProcesses: before.endedProcesses + lost,
  };
}

/** The verdict on an active script. A degraded script recovers when nothing counts any more. Pure. */
export function verdictOn(
  { points }: HealthWindow,
  degraded: boolean,
  limits: BreakerLimits,
): BreakerVerdict {
  const share = (points + ROUNDING) / limits.maxFailures;
  if (share >= 1) return 'disabled';
  if (degraded) return points === 0 ? 'resumed' : null;
  return share >= limits.degradeAt ? 'degraded' : null;
}

/** The verdict's reason, for people. */
export function reasonOf(
  { runs, failures, failuresByKind, endedProcesses }: HealthWindow,
  last: RunReport['last'],
): string {
  const kinds = Object.entries(failuresByKind).map(([kind, count]) => `${kind} ${count}`);
  const ended = endedProcesses === 0 ? '' : `, ${endedProcesses} of them ended the sandbox process`;
  const latest = last === null ? '' : `; last: ${last.kind}: ${last.message}, version ${last.version}`;
  return `${failures} of its last ${runs} runs failed${ended} (${kinds.join(', ')})${latest}`;
}

function pointsOf({ failures, lost }: RunReport, { maxCrashes, maxFailures }: BreakerLimits): number {
  let points = 0;
  for (const [kind, count] of Object.entries(failures)) {
    const ended = lost[kind] ?? 0;
    points += ended * (maxFailures / maxCrashes);
    points += (count - ended) * (COSTLY.has(kind) ? COSTLY_POINTS : 1);
  }
  return points;
}

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((all, count) => all + count, 0);

/** Adds up counts by kind. */
export function sum(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Record<string, number> {
  const all = { ...one };
  for (const [kind, count] of Object.entries(other)) all[kind] = (all[kind] ?? 0) + count;
  return all;
}

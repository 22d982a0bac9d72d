import { LONG_WAIT_MS, type BindingWaits } from '../bindings/calls-under-way.js';
import type { EventBufferStats } from '../buffer/event-buffer.js';
import { formatDuration } from '../common/duration-text.js';
import type { RetentionStats } from '../retention/retention.types.js';
import type { ScheduleStats } from '../schedules/schedule.runner.js';
import type { SandboxStats } from '../sandbox/index.js';
import type { IndexFreshness } from '../scripts/script-index.sync.js';
import type { DatabaseReading } from './database.watch.js';
import type { ComponentHealth, HealthStatus } from './health.types.js';
import type { RunPhaseName } from './run-phase.js';

/** Thresholds at which a part is degraded. Times in milliseconds. */
export interface HealthThresholds {
  maxQueueAgeMs: number;
  maxQueueFill: number;
  maxIndexAgeMs: number;
  /** Longest time without a search for due dead letters while no retry runs. */
  maxRetryLagMs: number;
  /** Longest time without a finished round of retention. */
  maxRetentionLagMs: number;
  /** Longest time without a look at the schedules. */
  maxScheduleLagMs: number;
}

/** The state of a writer of records. */
export interface WriterState {
  /** What it writes, in the plural. */
  name: string;
  backlog: number;
  isFull: boolean;
  /** Milliseconds for which the oldest of its backlog has waited. */
  oldestMs: number;
}

type Figures = ComponentHealth['figures'];

const verdict = (status: HealthStatus, reason: string, figures: Figures = {}): ComponentHealth => ({
  status,
  reason,
  figures,
});

/** A record that has waited for so long was refused by the database, or the database is too slow. */
const RECORD_LATE_MS = 10_000;
/** How long the intake is degraded after it lost events, in milliseconds, although it captures events again. */
const LOSS_TOLD_MS = 600_000;

export function intakeHealth(phase: RunPhaseName, sinceLossMs: number | null = null): ComponentHealth {
  const figures = { phase, sinceLossMs };
  switch (phase) {
    case 'running':
      if (sinceLossMs !== null && sinceLossMs < LOSS_TOLD_MS) {
        const ago = `${formatDuration(sinceLossMs)} ago, the listeners were found removed from the EventEmitter2`;
        return verdict('degraded', `events are captured; ${ago}, and events were lost; see the log`, figures);
      }
      return verdict('up', 'events are captured', figures);
    case 'starting':
      return verdict('down', 'the application is starting and does not capture events yet', figures);
    case 'stopping':
    case 'stopped':
      return verdict('down', `the application is ${phase} and no longer captures events`, figures);
    default: {
      const rest: never = phase;
      return rest;
    }
  }
}

/**
 * While the database is down, the application is only degraded: routing continues from memory, and results wait to be
 * stored.
 */
export function databaseHealth({ answeredInMs, failure }: DatabaseReading): ComponentHealth {
  const figures = { answeredInMs };
  if (failure !== null)
    return verdict(
      'down',
      `the database is unavailable (${failure}); events are captured in memory`,
      figures,
    );
  if (answeredInMs === null) return verdict('up', 'not checked yet', figures);
  return verdict('up', `answered in ${formatDuration(answeredInMs)}`, figures);
}

export function schemaHealth({ missing }: DatabaseReading): ComponentHealth {
  if (missing === null) return verdict('up', 'not checked');
  const figures = { missing: missing.length };
  if (missing.length === 0) return verdict('up', 'the tables match this version', figures);
  return verdict('down', `the database lacks ${missing.join(', ')}: run the migrations`, figures);
}

export function queueHealth(
  { depth, capacity, oldestMs }: EventBufferStats,
  { maxQueueAgeMs, maxQueueFill }: HealthThresholds,
): ComponentHealth {
  const figures = { depth, capacity, oldestMs: Math.round(oldestMs) };
  const waiting = `${depth}${capacity === null ? '' : ` of ${capacity}`} queued events are waiting`;
  if (capacity !== null && depth >= capacity)
    return verdict('degraded', `${waiting}: the buffer is full, and new events overflow`, figures);
  if (oldestMs > maxQueueAgeMs) {
    const age = `the oldest for ${formatDuration(oldestMs)}, more than ${formatDuration(maxQueueAgeMs)}`;
    return verdict('degraded', `${waiting}, ${age}`, figures);
  }
  if (capacity !== null && depth >= capacity * maxQueueFill)
    return verdict('degraded', `${waiting}, ${Math.round(maxQueueFill * 100)} % or more`, figures);
  return verdict('up', waiting, figures);
}

const NO_WAITS: BindingWaits = { runs: 0, longRuns: 0, longest: [], oldestMs: 0 };
/** How many bindings one reason names. */
const MOST_NAMED = 3;

export function workersHealth(
  { busy, workers, oldestMs }: EventBufferStats,
  { maxQueueAgeMs }: HealthThresholds,
  waits = NO_WAITS,
): ComponentHealth {
  const figures = {
    busy,
    workers,
    awaitingBindings: waits.runs,
    oldestCallMs: Math.round(waits.oldestMs),
  };
  const working = `${busy} of ${workers} workers are busy`;
  if (waits.longRuns > 0 && waits.longRuns * 2 >= workers)
    return verdict('degraded', `${working}; ${waitsInWords(waits)}`, figures);
  if (busy >= workers && oldestMs > maxQueueAgeMs)
    return verdict(
      'degraded',
      `${working} while events are waiting: scripts are slow, or there are too few workers`,
      figures,
    );
  return verdict('up', working, figures);
}

function waitsInWords({ longRuns, longest, oldestMs }: BindingWaits): string {
  const named = longest.slice(0, MOST_NAMED).map(({ name, runs }) => `${name} (${runs})`);
  const more = longest.length > MOST_NAMED ? [`${longest.length - MOST_NAMED} more`] : [];
  const runs = longRuns === 1 ? '1 run has' : `${longRuns} runs have`;
  return (
    `${runs} waited for more than ${formatDuration(LONG_WAIT_MS)}, the longest for ${formatDuration(oldestMs)}, ` +
    `for the bindings ${[...named, ...more].join(', ')}`
  );
}

/** A node without its lease starts nothing; other nodes run what is waiting. */
export function leaseHealth(valid: boolean): ComponentHealth {
  const figures = { valid };
  return valid
    ? verdict('up', 'this node can run queued events', figures)
    : verdict(
        'down',
        'this node has no lease and starts no executions; other nodes run the queued events',
        figures,
      );
}

export function sandboxHealth({ processes, queued, crashLoop }: SandboxStats): ComponentHealth {
  const { starting, idle, busy } = processes;
  const figures = { starting, idle, busy, queued, failedStarts: crashLoop?.failures ?? 0 };
  if (crashLoop === null)
    return verdict(
      'up',
      `${idle + busy} ${idle + busy === 1 ? 'process' : 'processes'}, ${busy} busy`,
      figures,
    );
  const loop = `${crashLoop.failures} processes in a row failed on their own; see the log`;
  if (idle + busy > 0) return verdict('degraded', `${loop}; ${idle + busy} still work`, figures);
  return verdict(
    'down',
    `${loop}; no script can run, and the next start is in ${formatDuration(crashLoop.retryInMs)}`,
    figures,
  );
}

export function indexHealth(
  { syncedAt, listening }: IndexFreshness,
  now: number,
  { maxIndexAgeMs }: HealthThresholds,
): ComponentHealth {
  if (syncedAt === null)
    return verdict('down', 'the scripts have not been loaded yet', { ageMs: null, listening });
  const ageMs = Math.max(0, now - syncedAt);
  const age = `as the database was ${formatDuration(ageMs)} ago`;
  if (ageMs <= maxIndexAgeMs) return verdict('up', age, { ageMs, listening });
  const longest = `longer than ${formatDuration(maxIndexAgeMs)}`;
  return verdict('degraded', `${age}, ${longest}; events are routed to the scripts as they were then`, {
    ageMs,
    listening,
  });
}

/** The state of a retry worker. `RetryWorker.stats()` returns it. */
export interface RetryState {
  running: number;
  away: boolean;
  /** Whether something other than the database prevents it from working. */
  failing: boolean;
  sinceLookMs: number | null;
}

export function retriesHealth(
  { running, away, failing, sinceLookMs }: RetryState,
  { maxRetryLagMs }: HealthThresholds,
): ComponentHealth {
  const figures = { running, sinceLookMs };
  if (failing) return verdict('degraded', 'retries fail; see the log', figures);
  if (away) return verdict('degraded', 'retries are waiting for the database', figures);
  if (sinceLookMs === null) return verdict('up', 'has not looked for due dead letters yet', figures);
  const look = `looked for due dead letters ${formatDuration(sinceLookMs)} ago`;
  // A worker that is busy with long retries doesn't look for more dead letters.
  if (running === 0 && sinceLookMs > maxRetryLagMs)
    return verdict(
      'degraded',
      `${look}, longer than ${formatDuration(maxRetryLagMs)}: the retry worker hangs`,
      figures,
    );
  return verdict('up', `${look}; ${running} retries run`, figures);
}

export function schedulesHealth(
  { running, away, failing, sinceLookMs, missed }: ScheduleStats,
  { maxScheduleLagMs }: HealthThresholds,
): ComponentHealth {
  const figures = { running, sinceLookMs, missed };
  if (failing) return verdict('degraded', 'schedules fail; see the log', figures);
  if (away) return verdict('degraded', 'schedules are waiting for the database', figures);
  if (!running) return verdict('up', 'are not run by this process', figures);
  if (sinceLookMs === null) return verdict('up', 'has not looked at the schedules yet', figures);
  const look = `looked at the schedules ${formatDuration(sinceLookMs)} ago`;
  if (sinceLookMs > maxScheduleLagMs)
    return verdict(
      'degraded',
      `${look}, longer than ${formatDuration(maxScheduleLagMs)}: their times wait`,
      figures,
    );
  return verdict('up', look, figures);
}

export function recordsHealth(writers: readonly WriterState[]): ComponentHealth {
  const figures = Object.fromEntries(writers.map(({ name, backlog }) => [name, backlog]));
  const full = writers.filter(({ isFull }) => isFull).map(({ name }) => name);
  const backlog = writers.map((writer) => `${writer.backlog} ${writer.name}`).join(' and ');
  const waiting = `${backlog} are waiting to be stored`;
  if (full.length > 0) return verdict('down', `no room for more ${full.join(' or ')}: ${waiting}`, figures);
  const oldestMs = Math.max(...writers.map((writer) => writer.oldestMs));
  if (oldestMs < RECORD_LATE_MS) return verdict('up', waiting, figures);
  return verdict('degraded', `${waiting}, the oldest for ${formatDuration(oldestMs)}; see the log`, figures);
}

export function retentionHealth(
  { lastSuccessAt, lastOutcome, startedAt }: RetentionStats,
  now: number,
  { maxRetentionLagMs }: HealthThresholds,
): ComponentHealth {
  const figures = { lastOutcome, sinceSuccessMs: lastSuccessAt === null ? null : now - lastSuccessAt };
  if (lastOutcome === 'failed')
    return verdict('degraded', 'the last round failed; see the log; the next round tries again', figures);
  if (startedAt === null) return verdict('up', 'is off in this process', figures);
  const lag = now - (lastSuccessAt ?? startedAt);
  const last = lastSuccessAt === null ? 'no round yet' : `the last round ended ${formatDuration(lag)} ago`;
  if (lag > maxRetentionLagMs && lastOutcome !== 'busy')
    return verdict(
      'degraded',
      `${last}, and no round has finished for ${formatDuration(lag)}: tables grow`,
      figures,
    );
  return verdict('up', last, figures);
}

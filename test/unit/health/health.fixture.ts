import { Clock } from '../../../lib/common/clock.js';
import { DatabasePing } from '../../../lib/health/database.ping.js';
import { DatabaseWatch } from '../../../lib/health/database.watch.js';
import {
  type HealthSettings,
  type HealthSources,
  ScriptsEventHealth,
} from '../../../lib/health/scripts-event-health.js';

export const NOW = Date.parse('2026-03-04T05:06:07.000Z');

class FixedClock extends Clock {
  now(): number {
    return NOW;
  }
}

/** A database that answers, or does what a test says. */
export class ScriptedPing extends DatabasePing {
  asked = 0;
  constructor(private readonly answer: () => Promise<void> = async () => undefined) {
    super();
  }
  ping(): Promise<void> {
    this.asked += 1;
    return this.answer();
  }
}

const SETTINGS: HealthSettings = {
  maxQueueAgeMs: 60_000,
  maxQueueFill: 0.8,
  maxIndexAgeMs: 30_000,
  databaseTimeoutMs: 1_000,
  maxRetryLagMs: 60_000,
  maxRetentionLagMs: 10_800_000,
  maxScheduleLagMs: 60_000,
};

/** Figures of a healthy application. */
export const HEALTHY: HealthSources = {
  phase: () => 'running',
  buffer: () => ({ depth: 3, capacity: 1_000, busy: 2, workers: 10, oldestMs: 20 }),
  lease: () => undefined,
  sandbox: () => ({
    processes: { starting: 0, idle: 1, busy: 2, draining: 0 },
    awaitingBindings: 0,
    queued: 0,
    runs: 100,
    killed: 0,
    restarts: {},
    rssBytes: 100_000_000,
    crashLoop: null,
  }),
  index: () => ({ syncedAt: NOW - 1_000, listening: true, error: null }),
  retries: () => ({ running: 0, away: false, failing: false, sinceLookMs: 5_000 }),
  writers: () => [
    { name: 'execution records', backlog: 4, isFull: false, oldestMs: 20 },
    { name: 'dead letters', backlog: 0, isFull: false, oldestMs: 0 },
  ],
  retention: () => ({
    lastSuccessAt: NOW - 60_000,
    lastOutcome: 'done',
    startedAt: NOW - 90_000,
    running: false,
  }),
  schedules: () => ({
    running: true,
    fired: 7,
    missed: 0,
    skipped: 0,
    away: false,
    failing: false,
    sinceLookMs: 2_000,
  }),
};

/** The health of a healthy application, with the changes of a test. */
export function healthOf(
  changes: Partial<HealthSources> = {},
  ping: DatabasePing = new ScriptedPing(),
  schema: { run(): Promise<void> } | null = { run: async () => undefined },
): ScriptsEventHealth {
  const watch = new DatabaseWatch(ping, schema);
  return new ScriptsEventHealth({ ...HEALTHY, ...changes }, watch, SETTINGS, new FixedClock());
}

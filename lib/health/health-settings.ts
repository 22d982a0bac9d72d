import type { ResolvedOptions } from '../options/scripts-event.options.js';
import type { HealthSettings } from './scripts-event-health.js';

/** After this many intervals without a sign of life, a part that works on an interval is degraded. */
const MISSED_INTERVALS = 3;
/** Such a part is not degraded before this many milliseconds, however short its interval is. */
const LEAST_LAG_MS = 60_000;

/** The thresholds of health, as the module's options give them. */
export function healthSettings({ health, retry, retention, schedules }: ResolvedOptions): HealthSettings {
  return {
    ...health,
    maxRetryLagMs: Math.max(LEAST_LAG_MS, MISSED_INTERVALS * retry.intervalMs),
    maxRetentionLagMs:
      Math.max(LEAST_LAG_MS, MISSED_INTERVALS * retention.intervalMs) + retention.maxRoundTimeMs,
    maxScheduleLagMs: Math.max(LEAST_LAG_MS, MISSED_INTERVALS * schedules.pollIntervalMs),
  };
}

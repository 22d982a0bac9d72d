import { formatDuration } from '../common/duration-text.js';
import type { Environment } from './options.env.js';

/** Milliseconds of a stop that are kept for what follows the queue: ending scripts, storing, ending processes. */
const ENDING_MS = 7_000;

/**
 * How many milliseconds of `shutdownTimeout` the queue may drain: all but {@link ENDING_MS}, or half of it if it is
 * less than twice that.
 */
export const drainTimeOf = (shutdownTimeoutMs: number): number =>
  shutdownTimeoutMs - Math.min(ENDING_MS, shutdownTimeoutMs / 2);

/** PM2's `kill_timeout` where nothing else is set (https://pm2.keymetrics.io/docs/usage/signals-clean-restart/). */
const PM2_KILL_TIMEOUT_MS = 1_600;

/**
 * A warning if the platform is known to kill the process before a stop is over. Only PM2 can be recognised: it gives
 * its settings to the process as variables.
 */
export function findShortGrace(env: Environment, shutdownTimeoutMs: number): string[] {
  if (env.pm_id === undefined) return [];
  const given = Number(env.kill_timeout ?? env.PM2_KILL_TIMEOUT ?? PM2_KILL_TIMEOUT_MS);
  const graceMs = Number.isFinite(given) && given > 0 ? given : PM2_KILL_TIMEOUT_MS;
  if (graceMs > shutdownTimeoutMs) return [];
  return [
    `PM2 kills this process ${formatDuration(graceMs)} after its signal (kill_timeout), but a stop may take up to ` +
      `${formatDuration(shutdownTimeoutMs)} (shutdownTimeout). Set kill_timeout to ${shutdownTimeoutMs + 5_000}, or events that ` +
      'wait in memory may be lost',
  ];
}

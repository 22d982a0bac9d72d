import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import type { RetentionSettings } from '../../retention/retention.types.js';

/** A day longer than the period that statistics can be asked for. */
const STATISTICS_MS = 8 * 86_400_000;

/** The settings of retention from the module's options. */
export function retentionSettings({ retention }: ResolvedOptions): RetentionSettings {
  return {
    ages: {
      completedExecutions: retention.completedExecutionsMs,
      failedExecutions: retention.failedExecutionsMs,
      resolvedDeadLetters: retention.resolvedDeadLettersMs,
      discardedDeadLetters: retention.discardedDeadLettersMs,
      exhaustedDeadLetters: retention.exhaustedDeadLettersMs,
      statistics: STATISTICS_MS,
      expiredKeys: 0,
    },
    intervalMs: retention.intervalMs,
    batchSize: retention.batchSize,
    batchPauseMs: retention.batchPauseMs,
    maxRoundTimeMs: retention.maxRoundTimeMs,
  };
}

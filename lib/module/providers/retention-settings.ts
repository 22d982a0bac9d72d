import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import type { RetentionSettings } from '../../retention/retention.types.js';

/** Retention as the module's options ask for it. */
export function retentionSettings({ retention }: ResolvedOptions): RetentionSettings {
  return {
    ages: {
      completedExecutions: retention.completedExecutionsMs,
      failedExecutions: retention.failedExecutionsMs,
      resolvedDeadLetters: retention.resolvedDeadLettersMs,
      discardedDeadLetters: retention.discardedDeadLettersMs,
      exhaustedDeadLetters: retention.exhaustedDeadLettersMs,
    },
    intervalMs: retention.intervalMs,
    batchSize: retention.batchSize,
    batchPauseMs: retention.batchPauseMs,
    maxRoundTimeMs: retention.maxRoundTimeMs,
  };
}

import type { RetainedLabel } from '../metrics/metrics.recorder.js';

/** The rows that one age applies to, by the name of its option. Statistics have none: nobody can ask for older ones. */
export type RetainedKind =
  | 'completedExecutions'
  | 'failedExecutions'
  | 'resolvedDeadLetters'
  | 'discardedDeadLetters'
  | 'exhaustedDeadLetters'
  | 'statistics';

/**
 * What grows without end and may be deleted by age. Pending and retrying dead letters are not here: they still have work
 * to do, however old they are.
 */
export const RETAINED_ROWS: Readonly<Record<RetainedKind, RetainedLabel>> = {
  completedExecutions: { table: 'script_executions', status: 'completed' },
  failedExecutions: { table: 'script_executions', status: 'failed' },
  resolvedDeadLetters: { table: 'dead_letter_queue', status: 'resolved' },
  discardedDeadLetters: { table: 'dead_letter_queue', status: 'discarded' },
  exhaustedDeadLetters: { table: 'dead_letter_queue', status: 'exhausted' },
  statistics: { table: 'script_statistics', status: 'counted' },
};

export const RETAINED_KINDS = Object.keys(RETAINED_ROWS) as RetainedKind[];

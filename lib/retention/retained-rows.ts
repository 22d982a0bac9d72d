import type { RetainedLabel } from '../metrics/metrics.recorder.js';

/**
 * Kinds of rows that are deleted at an age of their own, named after the option that sets it. Two kinds have no option:
 * the age of statistics follows from how far back they can be queried, and each key of a store has its own expiry time.
 */
export type RetainedKind =
  | 'completedExecutions'
  | 'failedExecutions'
  | 'resolvedDeadLetters'
  | 'discardedDeadLetters'
  | 'exhaustedDeadLetters'
  | 'statistics'
  | 'expiredKeys';

/**
 * The tables that grow without end and whose rows may be deleted by age. Pending and retrying dead letters are not
 * among them: they still have work to do, however old they are.
 */
export const RETAINED_ROWS: Readonly<Record<RetainedKind, RetainedLabel>> = {
  completedExecutions: { table: 'script_executions', status: 'completed' },
  failedExecutions: { table: 'script_executions', status: 'failed' },
  resolvedDeadLetters: { table: 'dead_letter_queue', status: 'resolved' },
  discardedDeadLetters: { table: 'dead_letter_queue', status: 'discarded' },
  exhaustedDeadLetters: { table: 'dead_letter_queue', status: 'exhausted' },
  statistics: { table: 'script_statistics', status: 'counted' },
  expiredKeys: { table: 'script_store', status: 'expired' },
};

export const RETAINED_KINDS = Object.keys(RETAINED_ROWS) as RetainedKind[];

import type { RetainedLabel } from '../metrics/metrics.recorder.js';

/**
 * Kinds of rows with an age of their own, named after its option. Statistics have no option: their age follows from how
 * far back they can be asked for. Neither have keys of a store, each of which has a time of its own.
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

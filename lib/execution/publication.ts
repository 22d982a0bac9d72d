import type { QueuedEvent } from '../buffer/queued-event.js';
import type { EventTrace } from '../common/event-trace.js';
import type { ExecutionThatPublished } from '../events/execution-event.publisher.js';
import type { Outcome } from '../sandbox/index.js';
import type { NewExecution } from './execution.repository.js';

/**
 * What a completed script published, if it did.
 *
 * @param trace where the execution's span is; without one, what it published follows from what its own event followed
 */
export const publicationOf = (
  { id: executionId, scriptId }: NewExecution,
  scriptName: string,
  event: QueuedEvent,
  outcome: Outcome,
  trace: EventTrace | undefined = event.trace,
): ExecutionThatPublished | undefined =>
  outcome.status === 'completed' && outcome.published.length > 0
    ? { event, scriptId, scriptName, executionId, published: outcome.published, trace }
    : undefined;

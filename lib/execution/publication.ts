import type { QueuedEvent } from '../buffer/queued-event.js';
import type { EventTrace } from '../common/event-trace.js';
import type { ExecutionThatPublished } from '../events/execution-event.publisher.js';
import type { Outcome } from '../sandbox/index.js';
import type { NewExecution } from './execution.repository.js';

/**
 * The events that a completed script published, if any.
 *
 * @param trace the place of the execution's span. Without one, published events get the trace of the script's own
 * event
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

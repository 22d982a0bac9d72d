import { PrintableLogger } from '../../../common/printable-logger.js';
import { lineAbout, type LogSubject } from '../../../common/log-line.js';
import { SystemClock } from '../../../common/clock.js';
import { ThrottledLog } from '../../../common/throttled-log.js';
import { LeaseLostError } from '../../../common/lease-lost.error.js';
import { isEventJob, type JobEnvelope, laneOf, TASK } from '../queue/job-envelope.js';
import { HandedBackError } from './engine.errors.js';
import type { EngineModule } from './engine.js';

/**
 * Beginnings of messages to leave out: the listening connection comes back by itself, and the buffer logs outages. A
 * node that can't rejoin yet gets no answer, and so finds no tasks.
 */
const LEFT_OUT = [
  'Your job batch size',
  'Error with notify listener',
  'Error occurred attempting to UNLISTEN',
  'No tasks found',
];

/**
 * Writes the engine's messages to the host's log. Its errors become warnings, because it tries again; this package logs
 * real failures itself. Messages about each job and each attempt to listen again are left out.
 */
export function engineLogger(engine: EngineModule): unknown {
  const log = new ThrottledLog(new PrintableLogger('DurableBuffer'), new SystemClock());
  return new engine.Logger(() => (level, message, meta) => {
    if (meta?.error instanceof HandedBackError || meta?.error instanceof LeaseLostError) return;
    if (LEFT_OUT.some((beginning) => message.startsWith(beginning))) return;
    // With a key for each message, there would be a line for each job while something keeps jobs from completing.
    const key = message.startsWith('Failed task') ? 'Failed task' : message;
    const line = lineAbout(subjectOf(meta?.job), () => message.split('\n', 1)[0] ?? message);
    if (level === 'error') log.warn(key, line);
    else if (level === 'warning') log.warn(key, message);
  });
}

/** Empty for a job of another task in the same schema, because it is not ours. */
function subjectOf(job: unknown): LogSubject {
  const { task_identifier: task, payload } = (job ?? {}) as {
    task_identifier?: string;
    payload?: JobEnvelope;
  };
  if (task !== TASK || !payload) return {};
  const { tenantId, scriptId } = laneOf(payload);
  return { tenantId, scriptId, eventId: isEventJob(payload) ? payload.e.id : undefined };
}

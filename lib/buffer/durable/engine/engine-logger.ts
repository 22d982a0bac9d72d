import { PrintableLogger } from '../../../common/printable-logger.js';
import { SystemClock } from '../../../common/clock.js';
import { ThrottledLog } from '../../../common/throttled-log.js';
import { LeaseLostError } from '../../../common/lease-lost.error.js';
import { HandedBackError } from './engine.errors.js';
import type { EngineModule } from './engine.js';

/**
 * The connection that listens comes back by itself, and the buffer tells of an outage. A node that tries in vain to come
 * back is answered nothing, and so finds no tasks.
 */
const LEFT_OUT = [
  'Your job batch size',
  'Error with notify listener',
  'Error occurred attempting to UNLISTEN',
  'No tasks found',
];

/**
 * What the engine says, in the host's log. Its errors are warnings here, as it tries again; what really failed this
 * package logs itself. Its news of each job and of each attempt to listen again are left out.
 */
export function engineLogger(engine: EngineModule): unknown {
  const log = new ThrottledLog(new PrintableLogger('DurableBuffer'), new SystemClock());
  return new engine.Logger(() => (level, message, meta) => {
    if (meta?.error instanceof HandedBackError || meta?.error instanceof LeaseLostError) return;
    if (LEFT_OUT.some((beginning) => message.startsWith(beginning))) return;
    // One line for each job while something keeps jobs from completing.
    const key = message.startsWith('Failed task') ? 'Failed task' : message;
    if (level === 'error') log.warn(key, message.split('\n', 1)[0] ?? message);
    else if (level === 'warning') log.warn(key, message);
  });
}

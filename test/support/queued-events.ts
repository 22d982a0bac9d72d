import type { QueuedEvent } from '../../lib/buffer/queued-event.js';
import { sampleEvent } from '../../lib/testing/buffer-checks.js';

/** A valid queued event, whose script's id is a UUID; give what the test is about. */
export const queuedEvent = (part: Partial<QueuedEvent> = {}): QueuedEvent =>
  sampleEvent({ scriptId: '0198c0de-0000-7000-8000-000000000001', ...part });

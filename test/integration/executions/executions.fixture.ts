import { v7 as uuid } from 'uuid';
import type { NewExecution } from '../../../lib/execution/execution.repository.js';

const SCRIPT_ID = '0198c0de-0000-7000-8000-000000000001';

/** A completed execution. `part` has the fields that matter to the test. */
export function completed(part: Partial<NewExecution> = {}): NewExecution {
  const eventId = part.eventId ?? uuid();
  return {
    id: uuid(),
    tenantId: 'acme',
    scriptId: SCRIPT_ID,
    scriptVersion: 3,
    eventId,
    eventType: 'user.created',
    occurredAt: '2026-01-02T03:04:04.000Z',
    actorId: null,
    depth: 0,
    causeEventId: null,
    causeExecutionId: null,
    inputText: null,
    attempt: 1,
    trigger: 'event',
    status: 'completed',
    resultText: '{"welcomed":true}',
    error: null,
    logs: [{ level: 'info', message: 'welcome ada@example.com', data: { at: 1 } }],
    logsDropped: 2,
    publishedEvents: 1,
    bindingCalls: 4,
    durationMs: 12.25,
    cpuMs: 3.5,
    queueMs: 0.75,
    idempotencyKey: `acme:${SCRIPT_ID}:${eventId}`,
    deadLetterId: null,
    requestedBy: null,
    replayOf: null,
    startedAt: '2026-01-02T03:04:05.006Z',
    finishedAt: '2026-01-02T03:04:05.018Z',
    ...part,
  };
}

/** A failed execution. */
export const failed = (part: Partial<NewExecution> = {}): NewExecution =>
  completed({
    status: 'failed',
    resultText: null,
    error: { kind: 'runtime', message: 'x is not a function', stack: 'at script:7:3', line: 7 },
    ...part,
  });

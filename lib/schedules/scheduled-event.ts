import { SCHEDULE_EVENT_TYPE } from '../common/event-type-name.js';
import { derivedId } from '../common/derived-id.js';
import { isoTime } from '../common/iso-time.js';
import { orderKey } from '../common/order-key.js';
import { rootCause } from '../events/loop-guard.js';
import { scheduleInput } from '../events/schedule-input.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import type { ScriptOrdering } from '../scripts/indexed-script.js';
import type { ScheduleRow } from './schedule.types.js';

/** A time of a schedule that has come. */
interface ScheduledTime {
  row: ScheduleRow;
  /** Milliseconds since the epoch. */
  at: number;
  /** The time of the previous run; null for the first. */
  previousAt: number | null;
}

/** The facts that a schedule's event needs besides its time. */
interface ScheduledEventSettings {
  enqueuedAt: number;
  maxExecutionsPerRoot: number;
  /** The script's order key, if it has one. */
  ordering: ScriptOrdering | null;
}

/** The event's id. It is always the same for the same schedule and time, on every node. */
const scheduledEventId = ({ tenantId, scriptId, cron, timezone }: ScheduleRow, at: number): string =>
  derivedId(at, 'schedule', tenantId, scriptId, cron, timezone);

/** The queued event for a time of a schedule. */
export function scheduledEvent(
  { row, at, previousAt }: ScheduledTime,
  settings: ScheduledEventSettings,
): QueuedEvent {
  const id = scheduledEventId(row, at);
  const input = scheduleInput(at, previousAt, row.schedule.payload);
  const event: QueuedEvent = {
    id,
    type: SCHEDULE_EVENT_TYPE,
    tenantId: row.tenantId,
    scriptId: row.scriptId,
    payload: JSON.stringify(input),
    occurredAt: isoTime(at),
    actor: null,
    cause: rootCause(id, settings.maxExecutionsPerRoot),
    attempt: 1,
    enqueuedAt: settings.enqueuedAt,
  };
  const key = settings.ordering?.keyOf(input);
  if (!settings.ordering || key === undefined) return event;
  return { ...event, ordering: { key: orderKey(key), onFailure: settings.ordering.onFailure } };
}

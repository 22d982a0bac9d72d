import { derivedId } from '../common/derived-id.js';

/** The event whose execution publishes. */
interface PublishingEvent {
  id: string;
  tenantId: string;
  /** ISO 8601. */
  occurredAt: string;
}

/**
 * The id of an event that an execution publishes. It is the same for every run of the script for the same event, so
 * what a second delivery publishes again is recognised, and the events that an event led to are found without a column
 * for them.
 *
 * @param index its place among what the execution published, from 0
 */
export const publishedEventId = (event: PublishingEvent, scriptId: string, index: number): string =>
  derivedId(Date.parse(event.occurredAt), 'published', event.tenantId, event.id, scriptId, String(index));

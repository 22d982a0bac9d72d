import { derivedId } from '../common/derived-id.js';

/** The event whose execution publishes. */
interface PublishingEvent {
  id: string;
  tenantId: string;
  /** ISO 8601. */
  occurredAt: string;
}

/**
 * The id of what an execution publishes: the same for every run of the script for the event, so that what a second delivery
 * publishes again is recognised, and that an event's children are found without a column for it.
 *
 * @param index its place among what the execution published, from 0
 */
export const publishedEventId = (event: PublishingEvent, scriptId: string, index: number): string =>
  derivedId(Date.parse(event.occurredAt), 'published', event.tenantId, event.id, scriptId, String(index));

import { SCHEDULE_EVENT_TYPE } from './event-type-name.js';

/** Event types that may be a label of their own. `EventRegistry` implements it. */
export interface KnownTypes extends Iterable<string> {
  has(eventType: string): boolean;
}

/** The label of all types that scripts invent. */
export const CUSTOM = 'custom';

/** Types of this package itself. */
const OWN_TYPES: ReadonlySet<string> = new Set([SCHEDULE_EVENT_TYPE]);

/**
 * An event type as a label of metrics and a name in traces. Scripts can invent any number of names, and each would be a
 * time series forever.
 */
export const typeLabel = (known: KnownTypes, eventType: string): string =>
  known.has(eventType) || OWN_TYPES.has(eventType) ? eventType : CUSTOM;

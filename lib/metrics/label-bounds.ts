import { SCHEDULE_EVENT_TYPE } from '../common/event-type-name.js';

/** Event types that may be a label of their own. `EventRegistry` implements it. */
export interface KnownTypes extends Iterable<string> {
  has(eventType: string): boolean;
}

/** The label of all types that scripts invent. */
export const CUSTOM = 'custom';

/** Types of this package itself. */
const OWN_TYPES: ReadonlySet<string> = new Set([SCHEDULE_EVENT_TYPE]);

/** An event type as a label. Scripts can invent any number of names, and each would be a time series forever. */
export const typeLabel = (known: KnownTypes, eventType: string): string =>
  known.has(eventType) || OWN_TYPES.has(eventType) ? eventType : CUSTOM;

const WORD = /^[a-z][a-z0-9_-]{0,39}$/i;

/** Passes on the first words and turns the rest into `other`, so that a label stays bounded, whoever fills it. */
export class BoundedLabel {
  private readonly seen = new Set<string>();

  constructor(private readonly most = 32) {}

  of(word: string): string {
    if (this.seen.has(word)) return word;
    if (this.seen.size >= this.most || !WORD.test(word)) return 'other';
    this.seen.add(word);
    return word;
  }
}

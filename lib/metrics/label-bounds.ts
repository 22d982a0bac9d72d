/** Event types that may be a label of their own. `EventRegistry` fits. */
export interface KnownTypes extends Iterable<string> {
  has(eventType: string): boolean;
}

/** The label of every type that scripts make up. */
export const CUSTOM = 'custom';

/** An event type as a label: scripts invent names without end, and each would be a time series forever. */
export const typeLabel = (known: KnownTypes, eventType: string): string =>
  known.has(eventType) ? eventType : CUSTOM;

const WORD = /^[a-z][a-z0-9_-]{0,39}$/i;

/** Lets the first words through and calls the rest `other`: a label that is bounded, whoever fills it. */
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

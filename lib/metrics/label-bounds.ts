const WORD = /^[a-z][a-z0-9_-]{0,39}$/i;

/**
 * Keeps the first different words, 32 by default, and turns every other text into `other`, so that a label has a
 * bounded number of values.
 */
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

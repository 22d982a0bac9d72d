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

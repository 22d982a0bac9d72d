/**
 * One question for all who ask: at most one is under way. An answer counts only for those who asked before the question
 * was sent, so that nobody gets an answer that was true before they asked.
 */
export class Coalesced<Answer> {
  private underWay: Promise<Answer> | undefined;
  private next: Promise<Answer> | undefined;

  constructor(private readonly send: () => Promise<Answer>) {}

  /** Rejects when the question that it shares does. */
  ask(): Promise<Answer> {
    if (this.next) return this.next;
    return this.underWay ? (this.next = this.afterThis(this.underWay)) : this.start();
  }

  private async afterThis(underWay: Promise<Answer>): Promise<Answer> {
    await underWay.catch(() => undefined);
    this.next = undefined;
    return this.start();
  }

  private start(): Promise<Answer> {
    const answer = this.send().finally(() => {
      if (this.underWay === answer) this.underWay = undefined;
    });
    return (this.underWay = answer);
  }
}

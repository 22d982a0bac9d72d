/**
 * Shares one query between all callers: at most one is in progress. A caller never gets the answer to a query that
 * was sent before its call, because that answer may be out of date.
 */
export class Coalesced<Answer> {
  private underWay: Promise<Answer> | undefined;
  private next: Promise<Answer> | undefined;

  constructor(private readonly send: () => Promise<Answer>) {}

  /** The answer to a query that is sent after this call. Rejects if that query fails. */
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

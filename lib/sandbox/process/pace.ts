/**
 * Characters after which no more work begins in a turn of the event loop: some 20 ms of work if bindings check their
 * input against a class.
 */
const MOST_IN_A_TURN = 32 * 1024;

/** A piece of work, and how many characters it has to read. */
interface Work {
  size: number;
  run: () => void;
}

/**
 * An owner's work. The first `done` pieces are done. They stay in the list, because removing one would move all others.
 */
interface Pile {
  works: Work[];
  done: number;
}

/**
 * Spreads work over turns of the event loop, because a hundred of the largest binding calls at once would block the
 * host for seconds. Each owner's work is done in order, and the owners take turns.
 */
export class Pace {
  private readonly waiting = new Map<object, Pile>();
  private left = MOST_IN_A_TURN;
  private isCounting = false;

  /** Does the work now, or in a later turn if this one is full or other work waits. `run` must not throw. */
  do(owner: object, work: Work): void {
    if (this.left > 0 && this.waiting.size === 0) return this.doNow(work);
    const mine = this.waiting.get(owner);
    if (mine) mine.works.push(work);
    else this.waiting.set(owner, { works: [work], done: 0 });
  }

  /** Drops an owner's remaining work. */
  drop(owner: object): void {
    this.waiting.delete(owner);
  }

  private doNow({ size, run }: Work): void {
    this.left -= size;
    if (!this.isCounting) setImmediate(() => this.nextTurn());
    this.isCounting = true;
    run();
  }

  private nextTurn(): void {
    this.isCounting = false;
    this.left = MOST_IN_A_TURN;
    for (const [owner, pile] of this.waiting) {
      if (this.left <= 0) break;
      const next = pile.works[pile.done++]!;
      this.waiting.delete(owner);
      // Puts this owner behind the others.
      if (pile.done < pile.works.length) this.waiting.set(owner, pile);
      this.doNow(next);
    }
  }
}

import type { NewDeadLetter } from '../dead-letter.types.js';

/** A promise that somebody else resolves. */
class Turn {
  begin!: () => void;
  readonly begun = new Promise<void>((resolve) => (this.begin = resolve));
}

interface Group {
  /** The dead letter of the events that were added while a write was in progress. */
  next: { letter: NewDeadLetter; stored: Promise<void>; turn: Turn } | undefined;
}

/**
 * Dead letters of the loop guard, in one process. For a script and an event of the host, one write is in progress at a
 * time; events that are stopped meanwhile are counted and written with the next one. So a loop that is stopped
 * thousands of times takes a few writes of one row.
 */
export class LoopLetters {
  private readonly groups = new Map<string, Group>();

  constructor(private readonly add: (letter: NewDeadLetter) => Promise<void>) {}

  /** Number of groups with something that is not stored yet. */
  get size(): number {
    return this.groups.size;
  }

  /**
   * Resolves when the dead letter is stored, or counted in one that is. Rejects if that one is dropped.
   *
   * @param make called only for the first of those that are written together
   */
  keep(tenantId: string, scriptId: string, rootEventId: string, make: () => NewDeadLetter): Promise<void> {
    const key = JSON.stringify([tenantId, scriptId, rootEventId]);
    const group = this.groups.get(key);
    if (!group) return this.write(key, make());
    if (group.next) {
      group.next.letter.eventCount = (group.next.letter.eventCount ?? 1) + 1;
      return group.next.stored;
    }
    const letter = make();
    const turn = new Turn();
    const stored = turn.begun.then(() => this.write(key, letter));
    stored.catch(() => undefined);
    group.next = { letter, stored, turn };
    return stored;
  }

  private write(key: string, letter: NewDeadLetter): Promise<void> {
    const group: Group = { next: undefined };
    this.groups.set(key, group);
    const stored = this.add(letter);
    const ended = (): void => {
      if (group.next) group.next.turn.begin();
      else this.groups.delete(key);
    };
    stored.then(ended, ended);
    return stored;
  }
}

import { MOST_UNSENT_LINES } from '../protocol.js';

/** Positions of the numbers in the memory, each in units of its size. */
const LOCK = 0;
const LENGTH = 1;
const FROM = 2;
const ID = 2;
const HEADER = 24;
const LINE_END = 10;
/** Longest wait for the other thread before the next look at the lock. */
const LOOK_MS = 1;

/**
 * The log lines of a run that are not sent yet, in memory that two threads share: the main thread adds lines, and the
 * thread that watches the parent copies them, even while the main thread is inside a call that nothing interrupts.
 */
export class UnsentLines {
  private readonly state: Int32Array;
  private readonly id: Float64Array;
  private readonly text: Buffer;
  private length = 0;
  private copied = { id: 0, from: 0, length: 0 };

  /** @param memory that of the other thread */
  constructor(readonly memory = new SharedArrayBuffer(HEADER + MOST_UNSENT_LINES)) {
    this.state = new Int32Array(memory, 0, 4);
    this.id = new Float64Array(memory, 0, 3);
    this.text = Buffer.from(memory, HEADER);
  }

  /**
   * Replaces the lines by none of this run.
   *
   * @param from how many lines of the run were sent before
   */
  begin(id: number, from: number): void {
    this.locked(() => {
      this.id[ID] = id;
      this.state[FROM] = from;
      this.length = 0;
      Atomics.store(this.state, LENGTH, 0);
    });
  }

  /** Adds a line. Returns false if there is no room for it. */
  add(line: string): boolean {
    const { length, text } = this;
    // A line that ends exactly with the memory counts as too long, because a cut one ends there, too.
    const end = length + text.write(line, length);
    if (end >= text.length - 3) return false;
    text[end] = LINE_END;
    this.length = end + 1;
    // Comes last: the other thread copies only what is complete.
    Atomics.store(this.state, LENGTH, this.length);
    return true;
  }

  /**
   * Copies the lines, each with a line end, and the numbers given to {@link begin}. The id is 0 if the lines are those
   * that this thread copied last.
   */
  copy(): { id: number; from: number; text: string } {
    return this.locked(() => {
      const length = Atomics.load(this.state, LENGTH);
      const id = this.id[ID]!;
      const from = this.state[FROM]!;
      const isSame = id === this.copied.id && from === this.copied.from && length === this.copied.length;
      this.copied = { id, from, length };
      return isSame
        ? { id: 0, from: 0, text: '' }
        : { id, from, text: this.text.toString('utf8', 0, length) };
    });
  }

  /** Keeps {@link begin} from replacing what {@link copy} reads. */
  private locked<T>(work: () => T): T {
    const { state } = this;
    while (Atomics.compareExchange(state, LOCK, 0, 1) !== 0) Atomics.wait(state, LOCK, 1, LOOK_MS);
    try {
      return work();
    } finally {
      Atomics.store(state, LOCK, 0);
      Atomics.notify(state, LOCK);
    }
  }
}

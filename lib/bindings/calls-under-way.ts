/** Milliseconds after which a wait of a run counts as long: most services answer faster. */
export const LONG_WAIT_MS = 1_000;

/** The bindings that runs are waiting for. @publicApi */
export interface BindingWaits {
  /** Runs that wait for a binding. A run with several calls counts once. */
  runs: number;
  /** How many of them have waited for longer than a second. */
  longRuns: number;
  /** The bindings that these long runs wait for, with the number of runs, largest first. */
  longest: readonly { name: string; runs: number }[];
  /** Milliseconds that the oldest call has taken so far; 0 if there is none. */
  oldestMs: number;
}

interface Call {
  readonly name: string;
  readonly run: object;
  readonly begin: number;
}

/** Keeps track of the binding calls that are running. */
export class CallsUnderWay {
  /** In the order they began. */
  private readonly calls = new Set<Call>();

  /** @param now milliseconds of a clock that only goes forward */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Notes that a call begins. */
  begin(name: string, run: object): () => void {
    const call = { name, run, begin: this.now() };
    this.calls.add(call);
    return () => void this.calls.delete(call);
  }

  waits(): BindingWaits {
    const now = this.now();
    const runs = new Set<object>();
    const long = new Set<object>();
    const byName = new Map<string, Set<object>>();
    let oldestMs = 0;
    for (const { name, run, begin } of this.calls) {
      runs.add(run);
      oldestMs = Math.max(oldestMs, now - begin);
      if (now - begin <= LONG_WAIT_MS) continue;
      long.add(run);
      byName.set(name, (byName.get(name) ?? new Set()).add(run));
    }
    const longest = [...byName].map(([name, waiting]) => ({ name, runs: waiting.size }));
    return {
      runs: runs.size,
      longRuns: long.size,
      longest: longest.toSorted((a, b) => b.runs - a.runs),
      oldestMs,
    };
  }
}

import { RETIRE_AT } from '../common/kept-memory.js';

/**
 * What one run may use. Every field can be set for the sandbox and again for a single run.
 * Sizes in bytes are UTF-8 bytes of the JSON text. Defaults are those of the class: `new SandboxLimits()` documents them.
 *
 * @publicApi
 */
export class SandboxLimits {
  /**
   * Milliseconds from the script's first statement to its end, waiting for bindings included; waiting for a free process
   * and making an isolate do not count. 1 to 600,000. Over it the outcome is `timeout`.
   */
  timeoutMs = 10_000;
  /**
   * Megabytes of heap of the script's isolate. 8 to 1,024. A guideline of V8, which a script can overshoot for a
   * moment: the hard bound is {@link ProcessLimits.memoryMb}. Over it the outcome is `memory`.
   */
  memoryMb = 64;
  /** Bytes of the source. 1 to 1,048,576. Over it the outcome is `rejected`. */
  sourceBytes = 100 * 1024;
  /** Bytes of the input. 2 to 8,388,608. Over it the outcome is `rejected`. */
  inputBytes = 256 * 1024;
  /** Bytes of the result. 4 to 8,388,608. Over it the outcome is `rejected`. */
  resultBytes = 256 * 1024;
  /** Levels of objects and lists in the input, the result and each payload. 1 to 1,000. Over it: `rejected`. */
  depth = 100;
  /** Log lines that are kept; later ones are counted in `metrics.logsDropped`. 0 to 100,000. */
  logLines = 1_000;
  /** Bytes of all log lines together; later ones are counted in `metrics.logsDropped`. 0 to 8,388,608. */
  logBytes = 64 * 1024;
  /** Bytes of an error's message; what is over ends in `…`. 64 to 65,536. */
  messageBytes = 2 * 1024;
  /** Bytes of an error's stack; what is over ends in `…`. 64 to 65,536. */
  stackBytes = 8 * 1024;
  /** Events one run may publish; one more throws a `LimitError` in the script. 0 to 1,000. */
  publishes = 30;
  /**
   * Bytes of one published payload, and a quarter of those of all payloads of a run; over it `events.publish` throws a
   * `LimitError`. 2 to 1,048,576.
   */
  publishBytes = 64 * 1024;
  /** Binding calls of one run; one more rejects with a `LimitError` in the script. 0 to 10,000. */
  bindingCalls = 100;
  /** Milliseconds one binding call may take; over it the call rejects with a `BindingError`. 1 to 600,000. */
  bindingTimeoutMs = 5_000;
  /** Bytes of one binding call's arguments, and of its answer; over it the call rejects with a `LimitError`. 2 to 8,388,608. */
  bindingBytes = 256 * 1024;
}

/**
 * The pool of child processes.
 *
 * @publicApi
 */
export class ProcessLimits {
  /** Processes kept while nothing runs. 0 to `max`. */
  min = 1;
  /**
   * Most processes at a time. 1 to 256. Runs that compute use at most one process per core; the rest is for runs
   * that wait for a binding.
   */
  max = 10;
  /** Most runs that compute at the same time. 1 to 256. Default: the cores this process may use. */
  computing: number | undefined = undefined;
  /** Megabytes of resident memory at which a process is killed and its run ends as `memory`. 128 to 16,384. */
  memoryMb = 512;
  /** Share of `memoryMb` above which a process is replaced after its run. Above 0, up to 1; default 0.7. */
  retireAt = RETIRE_AT;
  /** Runs after which a process is replaced. 1 to 10,000,000. */
  maxRuns = 50_000;
  /** Milliseconds without work after which a process that `min` does not need is stopped. 100 to 3,600,000. */
  idleMs = 30_000;
  /** Milliseconds a process may take to become ready. 100 to 600,000. */
  startTimeoutMs = 20_000;
  /**
   * Megabytes of tenants' isolates that a process keeps for their next runs, some 1.7 each, 2.5 after some hundred runs; the least recently
   * used go first.
   * 1 to 16,384, at most what is left of `memoryMb` times `retireAt` beside 104 for the process itself and a run, but never
   * less than 24. Default: that most, 254 with the other defaults.
   */
  keptMemoryMb: number | undefined = undefined;
}

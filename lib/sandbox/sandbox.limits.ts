import { RETIRE_AT } from '../common/kept-memory.js';

/**
 * What one run may use. Every field can be set for the sandbox, and again for a single run. A size in bytes is that of
 * the text in UTF-8; for values, the text is their JSON. `new SandboxLimits()` has the defaults.
 *
 * @publicApi
 */
export class SandboxLimits {
  /**
   * Milliseconds that a run may take. Compiling the source and waiting for bindings count; waiting for a free process
   * and making an isolate do not. A script that takes longer ends as `timeout`. 1 to 600,000; default 10,000.
   */
  timeoutMs = 10_000;
  /**
   * Megabytes of heap that the script's isolate may use. A script that uses more ends as `memory`. V8 takes the number
   * as a guideline, and a script can exceed it for a moment; {@link ProcessLimits.memoryMb} is the hard limit. 8 to
   * 1,024; default 64.
   */
  memoryMb = 64;
  /** Bytes of the source. A run with a larger one ends as `rejected`. 1 to 1,048,576; default 102,400. */
  sourceBytes = 100 * 1024;
  /** Bytes of the input. A run with a larger one ends as `rejected`. 2 to 8,388,608; default 262,144. */
  inputBytes = 256 * 1024;
  /** Bytes of the result. A run with a larger one ends as `rejected`. 4 to 8,388,608; default 262,144. */
  resultBytes = 256 * 1024;
  /**
   * Levels of objects and lists in a value. If the input, the result or a payload has more, the run ends as `rejected`.
   * If the arguments or the answer of a binding call have more, the call rejects with a `LimitError`. If the data of a
   * log line has more, it is left out. 1 to 1,000; default 100.
   */
  depth = 100;
  /**
   * Log lines of one run. Later lines are only counted, in `metrics.logsDropped`. Warnings of the sandbox, such as one
   * about binding calls that were not awaited, come in addition. 0 to 100,000; default 1,000.
   */
  logLines = 1_000;
  /**
   * Bytes of all log lines of one run together, each as JSON: `{"level":"info","message":"…","data":…}`. A line that
   * exceeds it and all later lines of the script are only counted, in `metrics.logsDropped`. 0 to 8,388,608; default
   * 65,536.
   */
  logBytes = 64 * 1024;
  /** Bytes of an error's message. A longer message is cut and ends in `…`. 64 to 65,536; default 2,048. */
  messageBytes = 2 * 1024;
  /** Bytes of an error's stack. A longer stack is cut and ends in `…`. 64 to 65,536; default 8,192. */
  stackBytes = 8 * 1024;
  /** Events that one run may publish. A further `events.publish` throws a `LimitError`. 0 to 1,000; default 30. */
  publishes = 30;
  /**
   * Bytes of one published payload. All payloads of a run together may have four times as many. If a payload exceeds
   * either number, `events.publish` throws a `LimitError`. 2 to 1,048,576; default 65,536.
   */
  publishBytes = 64 * 1024;
  /** Binding calls that one run may make. A further call rejects with a `LimitError`. 0 to 10,000; default 100. */
  bindingCalls = 100;
  /**
   * Milliseconds that one binding call may take. A call that takes longer rejects with a `BindingError`. 1 to 600,000;
   * default 5,000.
   */
  bindingTimeoutMs = 5_000;
  /**
   * Bytes of one binding call's arguments, and of its answer. If either has more, the call rejects with a `LimitError`.
   * 2 to 8,388,608; default 262,144.
   */
  bindingBytes = 256 * 1024;
}

/**
 * The limits of the pool of child processes. `new ProcessLimits()` has the defaults.
 *
 * @publicApi
 */
export class ProcessLimits {
  /** Processes that stay while nothing runs. 0 to `max`; default 1. */
  min = 1;
  /**
   * Most processes at a time. `computing` says how many of them may compute; the others are for runs that wait for
   * bindings. If there are several tenants, those whose runs computed for long lately leave a quarter of the processes,
   * at least one of two or more, to the others. 1 to 256, not less than `min`; default 10.
   */
  max = 10;
  /**
   * Most runs that compute at the same time. Tenants that have no run in a process may compute half as many more, at
   * least one, beside runs that take long, or if the busy processes have no room for further tenants' isolates and
   * isolates serve more than one run. Tenants whose runs computed for long lately never use these extra places. 1 to 256; default: the number of cores that this
   * process may use.
   */
  computing: number | undefined = undefined;
  /**
   * Megabytes of resident memory that a process may use. A process that uses more is killed, and its run ends as
   * `memory`. Not enforced where the system has no `/proc`. 128 to 16,384; default 512.
   */
  memoryMb = 512;
  /** Share of `memoryMb`. A process that uses more is replaced after its run. 0.01 to 1; default 0.7. */
  retireAt = RETIRE_AT;
  /**
   * Runs after which a process is replaced. 1 to 10,000,000; default 500,000. A process is also replaced when 200,000
   * runs and binding calls began within one `timeoutMs`.
   */
  maxRuns = 500_000;
  /**
   * Milliseconds after its first run in which a process is replaced. Each process has an age of its own, from three
   * quarters of this number to all of it, so that not all are replaced at once. At that age it begins no further run,
   * and ends after the current one. A process that has run no script is not replaced. A process
   * that checks sources ends at such an age after its first check. 1,000 to 604,800,000 (a week);
   * default 3,600,000 (an hour).
   */
  maxAgeMs = 3_600_000;
  /** Milliseconds without work after which a process beyond `min` is stopped. 100 to 3,600,000; default 30,000. */
  idleMs = 30_000;
  /** Milliseconds that a process may take to become ready. 100 to 600,000; default 20,000. */
  startTimeoutMs = 20_000;
  /**
   * Megabytes of isolates that a process keeps for its tenants' next runs: about 1.4 for each tenant at first, 2.3 after
   * a hundred runs, and 4.4 after some thousand. If they need more, the least recently used ones are dropped. 1 to
   * 16,384, at most `memoryMb` times `retireAt`, minus 128 for the process itself and a run; 24 is always allowed.
   * Default: that maximum, which is 230 with the other defaults.
   */
  keptMemoryMb: number | undefined = undefined;
}

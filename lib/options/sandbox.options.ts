import type { Duration } from '../common/duration.js';
import { DurationBetween, MayBeUndefined, OneOf, Text, WholeNumber } from './option.decorators.js';

/**
 * Bounds of a script's execution and of the processes that execute. Sizes in bytes are UTF-8 bytes.
 *
 * @publicApi
 */
export class SandboxOptions {
  /**
   * Longest execution of a script that sets no limit of its own, waiting for bindings included, waiting in the queue
   * not. 1 ms to 10 minutes, default 10 seconds. Over it the execution fails as `timeout`.
   */
  @DurationBetween('1ms', '10m')
  timeout: Duration = '10s';

  /**
   * Longest execution a script may set for itself. `timeout` to 10 minutes; default 1 minute, or `timeout` if that is
   * longer.
   */
  @MayBeUndefined()
  @DurationBetween('1ms', '10m')
  maxTimeout: Duration | undefined = undefined;

  /**
   * Megabytes of heap of a script that sets no limit of its own. 8 to 1,024, default 64. A guideline that a script can
   * overshoot for a moment; `maxProcessMemoryMb` is the hard bound.
   */
  @WholeNumber(8, 1_024)
  memoryMb = 64;

  /**
   * Megabytes of heap a script may set for itself. `memoryMb` to 1,024; default 256, or `memoryMb` if that is more.
   */
  @MayBeUndefined()
  @WholeNumber(8, 1_024)
  maxMemoryMb: number | undefined = undefined;

  /**
   * Megabytes of resident memory at which a sandbox process is killed and its execution fails as `memory`. At least
   * `maxMemoryMb` plus 64 (what an idle Node.js process takes), up to 16,384; default 512, or that sum if it is more.
   */
  @MayBeUndefined()
  @WholeNumber(128, 16_384)
  maxProcessMemoryMb: number | undefined = undefined;

  /** Sandbox processes kept while nothing runs. 0 to 256, default 1. A start takes 0.2 to 0.5 seconds. */
  @WholeNumber(0, 256)
  minProcesses = 1;

  /** Most sandbox processes at a time. `minProcesses` to 256; default `buffer.workerCount`. */
  @MayBeUndefined()
  @WholeNumber(1, 256)
  maxProcesses: number | undefined = undefined;

  /**
   * What an execution shares with earlier ones of the same tenant, script and version. `compartment` (default): the
   * isolate and the language's own objects, frozen; `context`: the isolate and the compiled source; `isolate`: nothing.
   */
  @OneOf('compartment', 'context', 'isolate')
  isolation: 'context' | 'isolate' | 'compartment' = 'compartment';

  /**
   * The Node.js binary that scripts run on, version 20.19, 22 or 24; isolated-vm must be installed for it. 1 to 4,096
   * characters; default: the one of this process. Needed where the application runs on Bun.
   */
  @MayBeUndefined()
  @Text(4_096)
  nodePath: string | undefined = undefined;

  /**
   * The program that scripts run in, where this package is in a bundle: `dist/lib/sandbox/child/main.js` of an installed
   * `nestjs-scripts-event` of the same version. 1 to 4,096 characters; default: the one of this package, or of the package in a
   * `node_modules` folder above the bundle. docs/bundling.md says more.
   */
  @MayBeUndefined()
  @Text(4_096)
  childPath: string | undefined = undefined;

  /** Bytes of a script's source. 1 to 1,048,576, default 102,400. More is refused when the script is saved. */
  @WholeNumber(1, 1_048_576)
  maxSourceBytes = 102_400;

  /** Bytes of a result as JSON. 4 to 8,388,608, default 262,144. Over it the execution fails as `rejected`. */
  @WholeNumber(4, 8_388_608)
  maxResultBytes = 262_144;

  /** Log lines kept of one execution; the rest is counted. 0 to 100,000, default 1,000. */
  @WholeNumber(0, 100_000)
  maxLogLines = 1_000;

  /** Bytes kept of all log lines of one execution; the rest is counted. 0 to 8,388,608, default 65,536. */
  @WholeNumber(0, 8_388_608)
  maxLogBytes = 65_536;

  /**
   * Bytes of one published payload, and a quarter of those of all payloads of one execution. 2 to 1,048,576, default
   * 65,536. Over it `events.publish` throws in the script.
   */
  @WholeNumber(2, 1_048_576)
  maxPublishedBytes = 65_536;

  /** Binding calls of one execution. 0 to 10,000, default 100. One more throws in the script. */
  @WholeNumber(0, 10_000)
  maxBindingCalls = 100;

  /** Bytes of one binding call's input, and of its answer. 2 to 8,388,608, default 262,144. Over it the call fails in the script. */
  @WholeNumber(2, 8_388_608)
  maxBindingBytes = 262_144;

  /** Longest a single binding call may take. 1 ms to 10 minutes, default 5 seconds. Over it the call fails in the script. */
  @DurationBetween('1ms', '10m')
  bindingTimeout: Duration = '5s';
}

import type { Duration } from '../common/duration.js';
import { DurationBetween, MayBeUndefined, OneOf, Text, WholeNumber } from './option.decorators.js';

/**
 * Limits of executions and of the sandbox processes. Sizes in bytes are UTF-8 bytes.
 *
 * @publicApi
 */
export class SandboxOptions {
  /**
   * How long an execution may take if its script sets no limit. Time that the script waits for bindings counts; time in
   * the queue doesn't. 1 ms to 10 minutes, default 10 seconds. A longer execution fails as `timeout`.
   */
  @DurationBetween('1ms', '10m')
  timeout: Duration = '10s';

  /**
   * The longest timeout that a script may set. `timeout` to 10 minutes; default 1 minute, or `timeout` if that is
   * longer.
   */
  @MayBeUndefined()
  @DurationBetween('1ms', '10m')
  maxTimeout: Duration | undefined = undefined;

  /**
   * Megabytes of heap for a script that sets no limit. 8 to 1,024, default 64. A script can exceed it for a moment;
   * `maxProcessMemoryMb` is the hard limit.
   */
  @WholeNumber(8, 1_024)
  memoryMb = 64;

  /**
   * The most megabytes of heap that a script may set. `memoryMb` to 1,024; default 256, or `memoryMb` if that is more.
   */
  @MayBeUndefined()
  @WholeNumber(8, 1_024)
  maxMemoryMb: number | undefined = undefined;

  /**
   * Megabytes of resident memory at which a sandbox process is killed and its execution fails as `memory`. At least
   * `maxMemoryMb` plus 64 (what an idle Node.js process takes), up to 16,384; default 512, that sum or
   * what `keptMemoryMb` needs, whichever is the most.
   */
  @MayBeUndefined()
  @WholeNumber(128, 16_384)
  maxProcessMemoryMb: number | undefined = undefined;

  /**
   * Megabytes of isolates that one sandbox process keeps for its tenants' next executions; about 1.4 for each tenant at
   * first, 2.3 after a hundred executions and 4.4 after some thousand, or more if its scripts need more. 8 to 16,384; at
   * most 70 % of `maxProcessMemoryMb`, minus 128; 24 is always allowed. Default: that maximum, which is 230 if neither
   * option is set. If only this option is set, `maxProcessMemoryMb` follows. An execution that finds no isolate of its
   * tenant costs as much as some ten others.
   */
  @MayBeUndefined()
  @WholeNumber(8, 16_384)
  keptMemoryMb: number | undefined = undefined;

  /**
   * How many sandbox processes are kept when nothing runs. 0 to 256, default 1. Starting one takes 0.2 to 0.5 seconds.
   */
  @WholeNumber(0, 256)
  minProcesses = 1;

  /** How many sandbox processes may run at a time. `minProcesses` to 256; default `buffer.workerCount`. */
  @MayBeUndefined()
  @WholeNumber(1, 256)
  maxProcesses: number | undefined = undefined;

  /**
   * How long after its first execution a sandbox process is replaced. Each process has an age of its own, from three
   * quarters of this time to all of it, so that not all are replaced at once. At that age it begins no further
   * execution, and ends after the current one. A process that has executed nothing is not replaced. 1s to 7d, default
   * 1h. Starting a process takes 0.2 to 0.5 seconds, and the isolates of its tenants are made again. A shorter time
   * limits what code that has broken out of its isolate can see: see docs/sandbox-and-security.md.
   */
  @DurationBetween('1s', '7d')
  maxProcessAge: Duration = '1h';

  /**
   * What an execution shares with earlier ones. Default `compartment`: the isolate of its tenant and the language's
   * built-in objects, frozen. `context`: the isolate and the compiled source of its script and version. `isolate`:
   * nothing.
   */
  @OneOf('compartment', 'context', 'isolate')
  isolation: 'context' | 'isolate' | 'compartment' = 'compartment';

  /**
   * The Node.js binary that runs scripts: version 20.19 or later, with isolated-vm installed for it. 1 to 4,096
   * characters; default: the binary of this process. Needed if the application runs on Bun.
   */
  @MayBeUndefined()
  @Text(4_096)
  nodePath: string | undefined = undefined;

  /**
   * The program of the sandbox process: `dist/lib/sandbox/child/main.js` of an installed `nestjs-scripts-event` of the
   * same version. 1 to 4,096 characters; default: the one of this package or, if it is in a bundle, of a `node_modules`
   * folder above the bundle. See docs/bundling.md.
   */
  @MayBeUndefined()
  @Text(4_096)
  childPath: string | undefined = undefined;

  /**
   * Largest source of a script, in bytes. 1 to 1,048,576, default 102,400. A larger one is refused when it is saved.
   */
  @WholeNumber(1, 1_048_576)
  maxSourceBytes = 102_400;

  /**
   * Largest result, in bytes of JSON. 4 to 8,388,608, default 262,144. With a larger one the execution fails as
   * `rejected`.
   */
  @WholeNumber(4, 8_388_608)
  maxResultBytes = 262_144;

  /** How many log lines of one execution are kept. Further lines are only counted. 0 to 100,000, default 1,000. */
  @WholeNumber(0, 100_000)
  maxLogLines = 1_000;

  /**
   * Bytes of all log lines that are kept of one execution. Further lines are only counted. 0 to 8,388,608, default
   * 65,536.
   */
  @WholeNumber(0, 8_388_608)
  maxLogBytes = 65_536;

  /**
   * Largest payload that a script may publish, in bytes; all payloads of one execution together may take four times as
   * much. 2 to 1,048,576, default 65,536. Over the limit, `events.publish` throws in the script.
   */
  @WholeNumber(2, 1_048_576)
  maxPublishedBytes = 65_536;

  /** How many binding calls one execution may make. 0 to 10,000, default 100. One more throws in the script. */
  @WholeNumber(0, 10_000)
  maxBindingCalls = 100;

  /**
   * Largest input of a binding call, and largest return value, in bytes of JSON. 2 to 8,388,608, default 262,144. Over
   * the limit, the call fails in the script.
   */
  @WholeNumber(2, 8_388_608)
  maxBindingBytes = 262_144;

  /**
   * How long one binding call may take. 1 ms to 10 minutes, default 5 seconds. Over the limit, the call fails in the
   * script.
   */
  @DurationBetween('1ms', '10m')
  bindingTimeout: Duration = '5s';
}

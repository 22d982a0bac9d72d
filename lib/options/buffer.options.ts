import type { Type } from '@nestjs/common';
import type { Duration } from '../common/duration.js';
import {
  DurationBetween,
  Flag,
  Implementation,
  MayBeUndefined,
  OneOf,
  SqlName,
  WholeNumber,
} from './option.decorators.js';

/**
 * The event buffer: the queue between capture and execution.
 *
 * @publicApi
 */
export class BufferOptions {
  /**
   * Where queued events wait. `memory`: in this process; a graceful stop keeps what waits as dead letters, a crash
   * loses it. `graphile-worker`: in the host's PostgreSQL, for all nodes; needs the package graphile-worker, without
   * which the start fails with the command that installs it. Default `memory`.
   */
  @OneOf('memory', 'graphile-worker')
  driver: 'memory' | 'graphile-worker' = 'memory';

  /**
   * A buffer of the host's own instead of `driver`: an instance of `EventBuffer`, or a class that is resolved from the
   * host's providers. Default none. Order and limits are its own affair: scripts with an `orderingKey`
   * run if it says that it keeps order.
   */
  @MayBeUndefined()
  @Implementation('an EventBuffer', ['start', 'enqueue', 'close', 'drain', 'stop', 'stats'])
  adapter: Type<object> | object | undefined = undefined;

  /**
   * Most queued events that may wait in memory, over all tenants. 1 to 1,000,000, default 1,000. One takes as much
   * memory as its payload's text; over the size `overflow` decides, first for the tenant with most waiting. With
   * `graphile-worker` the queue has no bound.
   */
  @WholeNumber(1, 1_000_000)
  size = 1_000;

  /**
   * Executions of this process at the same time. 1 to 256, default 10. Scripts that wait for bindings gain from more;
   * scripts that compute do not gain beyond the number of cores. While scripts of several tenants listen, a quarter of
   * them, and at least one of two, begins only runs of tenants of which nothing runs in this process.
   */
  @WholeNumber(1, 256)
  workerCount = 10;

  /**
   * Executions of one script in this process at the same time, so that a slow script leaves workers to the others. 1 to
   * 256, default 5.
   */
  @WholeNumber(1, 256)
  maxRunsPerScript = 5;

  /**
   * What becomes of a queued event that finds the buffer full (`size`, or `captureSize` with `graphile-worker`).
   * `dead-letter`: kept and retried when due; `drop`: counted and lost. Default `dead-letter`.
   */
  @OneOf('dead-letter', 'drop')
  overflow: 'dead-letter' | 'drop' = 'dead-letter';

  /**
   * The PostgreSQL schema of graphile-worker's tables, for this application alone: a lower-case name of 1 to 50
   * characters. Default `scripts_event_worker`. This one and all below mean nothing in memory.
   */
  @SqlName(50)
  schema = 'scripts_event_worker';

  /**
   * Whether a start installs and updates graphile-worker's tables. Default true. Set it to false when the application's
   * database user may not create a schema, and call `installDurableBuffer` in a migration.
   */
  @Flag()
  installSchema = true;

  /** Time between two signs of life of a node. 100 ms to 1 minute, default 1,500 ms. */
  @DurationBetween('100ms', '1m')
  heartbeat: Duration = '1500ms';

  /**
   * Time without a sign of life after which a node counts as dead and its work goes on elsewhere. Three heartbeats to 10
   * minutes, default 7 seconds. A node that is cut off from the database stops its scripts before. How long a script runs
   * does not matter.
   */
  @DurationBetween('300ms', '10m')
  lease: Duration = '7s';

  /** Time between looks at the queue when nobody said that something came. 50 ms to 1 minute, default 1 second. */
  @DurationBetween('50ms', '1m')
  poll: Duration = '1s';

  /**
   * Longest delay before an event comes again that could not be processed because the database was away. 100 ms to 1 hour,
   * default 30 seconds.
   */
  @DurationBetween('100ms', '1h')
  redelivery: Duration = '30s';

  /**
   * How long an event id that a publisher gave is remembered, so that the same event is taken in once. 1 minute to 24
   * days, default 7 days.
   */
  @DurationBetween('1m', '24d')
  eventIdMemory: Duration = '7d';

  /**
   * Whether prepared statements are used. Default true. Set it to false behind a pooler that cannot keep them; a node that
   * was not told finds out by the first one that is lost.
   */
  @Flag()
  preparedStatements = true;

  /**
   * Most queued events of the emitter that wait in this process to be written to the queue. 1 to 1,000,000, default
   * 10,000: room for an outage of the database; those of scripts that ask for order are counted by themselves. Over it
   * `overflow` decides, first for the tenant with most.
   */
  @WholeNumber(1, 1_000_000)
  captureSize = 10_000;
}

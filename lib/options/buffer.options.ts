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
   * Where queued events wait. Default `memory`: in this process; a graceful stop stores them as dead letters, a crash
   * loses them. `graphile-worker`: in the host's PostgreSQL, shared by all nodes; they survive a crash. It needs the
   * package graphile-worker; without it, the start fails with the command that installs it.
   */
  @OneOf('memory', 'graphile-worker')
  driver: 'memory' | 'graphile-worker' = 'memory';

  /**
   * The host's own buffer in place of `driver`: an instance of `EventBuffer`, or a class resolved from the host's
   * providers. Default none. Order and limits are up to that buffer: scripts with an `orderingKey` run only if it sets
   * `keepsOrder`.
   */
  @MayBeUndefined()
  @Implementation('an EventBuffer', ['start', 'enqueue', 'close', 'drain', 'stop', 'stats'])
  adapter: Type<object> | object | undefined = undefined;

  /**
   * How many queued events may wait in memory, for all tenants together. 1 to 1,000,000, default 1,000. A queued event
   * takes as much memory as its payload has as text. When the buffer is full, the tenant with the most waiting events
   * overflows first, as `overflow` says. With `graphile-worker` the queue has no limit.
   */
  @WholeNumber(1, 1_000_000)
  size = 1_000;

  /**
   * How many executions this process runs at the same time. 1 to 256, default 10. A higher number helps scripts that
   * wait for bindings; scripts that compute gain nothing beyond the number of cores, or ten times that if they take less
   * than a tenth of a millisecond. When several tenants have active scripts, a quarter of the workers (at least one, if
   * there are two or more) stays free for tenants that have nothing running in this process and whose runs haven't
   * computed for long lately.
   */
  @WholeNumber(1, 256)
  workerCount = 10;

  /**
   * How many executions of one script this process runs at the same time, so that a slow script leaves workers to
   * others. 1 to 256, default 5.
   */
  @WholeNumber(1, 256)
  maxRunsPerScript = 5;

  /**
   * What happens to an event that doesn't fit in the buffer (`size`, or `captureSize` with `graphile-worker`). Default
   * `dead-letter`: it becomes a dead letter and is retried. `drop`: it is counted and lost.
   */
  @OneOf('dead-letter', 'drop')
  overflow: 'dead-letter' | 'drop' = 'dead-letter';

  /**
   * The PostgreSQL schema of graphile-worker's tables, used by this application only: a lower-case name of 1 to 50
   * characters. Default `scripts_event_worker`. This option and those below apply only with `graphile-worker`.
   */
  @SqlName(50)
  schema = 'scripts_event_worker';

  /**
   * Whether a start installs and updates graphile-worker's tables. Default true. Set it to false if the application's
   * database user may not create a schema, and call `installDurableBuffer` in a migration.
   */
  @Flag()
  installSchema = true;

  /** Time between two heartbeats of a node. 100 ms to 1 minute, default 1,500 ms. */
  @DurationBetween('100ms', '1m')
  heartbeat: Duration = '1500ms';

  /**
   * Time without a heartbeat after which a node counts as dead and its jobs are released to other nodes. Three
   * heartbeats to 10 minutes, default 7 seconds. A node that loses the database stops its scripts before this time is
   * over. Scripts may run longer than the lease.
   */
  @DurationBetween('300ms', '10m')
  lease: Duration = '7s';

  /** How often a node looks at the queue when no notification arrives. 50 ms to 1 minute, default 1 second. */
  @DurationBetween('50ms', '1m')
  poll: Duration = '1s';

  /**
   * Longest delay before the redelivery of an event that could not be processed because the database was unavailable.
   * 100 ms to 1 hour, default 30 seconds.
   */
  @DurationBetween('100ms', '1h')
  redelivery: Duration = '30s';

  /**
   * How long a publisher's `eventId` is remembered, to accept the same event only once. 1 minute to 24 days, default 7
   * days.
   */
  @DurationBetween('1m', '24d')
  eventIdMemory: Duration = '7d';

  /**
   * Whether to use prepared statements. Default true. Set it to false behind a pooler that doesn't support them;
   * otherwise a node finds out at its first failure and stops using them.
   */
  @Flag()
  preparedStatements = true;

  /**
   * How many queued events from `emit()` may wait in this process until they are written to the queue, for example
   * while the database is unavailable. 1 to 1,000,000, default 10,000. Events for scripts with an ordering key are
   * counted separately, up to the same number. When full, the tenant with the most waiting events overflows first, as
   * `overflow` says.
   */
  @WholeNumber(1, 1_000_000)
  captureSize = 10_000;
}

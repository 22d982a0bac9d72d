import type { Registry } from 'prom-client';
import type { Duration } from '../common/duration.js';
import { isRecord } from '../common/json.js';
import { Code, DurationBetween, Flag, MayBeUndefined } from './option.decorators.js';

/**
 * Where the package's counts can be read, besides `EventMetrics` and `DLQMetrics` in the process.
 *
 * @publicApi
 */
export class MetricsOptions {
  /** Whether Prometheus metrics are recorded. Default true. */
  @Flag()
  prometheus = true;

  /** The registry they go to. Default the global one of prom-client, which `PrometheusModule` serves. */
  @MayBeUndefined()
  @Code(
    'a Registry of prom-client',
    (value) => isRecord(value) && typeof value.getSingleMetric === 'function',
  )
  registry: Registry | undefined = undefined;

  /**
   * How long the counts of dead letters and of stopped scripts are reused between collections, so that scrapes cost the database little.
   * 0 to 1 hour, default 5 seconds.
   */
  @DurationBetween('0ms', '1h')
  deadLetterCacheTime: Duration = '5s';

  /** The same for the sizes of tables. 0 to 1 hour, default 1 minute. */
  @DurationBetween('0ms', '1h')
  tableSizeCacheTime: Duration = '1m';
}

import type { Registry } from 'prom-client';
import type { Duration } from '../common/duration.js';
import { isRecord } from '../common/json.js';
import { Code, DurationBetween, Flag, MayBeUndefined } from './option.decorators.js';

/**
 * Prometheus metrics. The counts inside the process, such as `EventMetrics` and `DLQMetrics`, are always kept.
 *
 * @publicApi
 */
export class MetricsOptions {
  /** Whether to record Prometheus metrics. Default true. */
  @Flag()
  prometheus = true;

  /** The registry of the metrics. Default: prom-client's global one, which `PrometheusModule` serves. */
  @MayBeUndefined()
  @Code(
    'a Registry of prom-client',
    (value) => isRecord(value) && typeof value.getSingleMetric === 'function',
  )
  registry: Registry | undefined = undefined;

  /**
   * How long collections reuse the counts of dead letters and of degraded and disabled scripts, so that scrapes cost
   * the database little. 0 to 1 hour, default 5 seconds.
   */
  @DurationBetween('0ms', '1h')
  deadLetterCacheTime: Duration = '5s';

  /** How long collections reuse the sizes of tables. 0 to 1 hour, default 1 minute. */
  @DurationBetween('0ms', '1h')
  tableSizeCacheTime: Duration = '1m';
}

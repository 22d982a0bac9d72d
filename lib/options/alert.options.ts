import type { Type } from '@nestjs/common';
import type { Duration } from '../common/duration.js';
import {
  Implementation,
  DurationBetween,
  HttpHeaders,
  HttpUrl,
  MayBeUndefined,
} from './option.decorators.js';

/**
 * Who hears of a dead letter that is exhausted. A log line and the emitter event `script.dead_letter.exhausted` come
 * always.
 *
 * @publicApi
 */
export class AlertOptions {
  /** Address that gets each alert as a JSON POST. http or https, default none. Never logged: it may be a secret. */
  @MayBeUndefined()
  @HttpUrl()
  webhookUrl: string | undefined = undefined;

  /** Headers of that POST, for example `{ authorization: 'Bearer …' }`. Default none. Never logged. */
  @HttpHeaders()
  webhookHeaders: Readonly<Record<string, string>> = {};

  /** Longest the POST may take. 100 ms to 1 minute, default 5 seconds. An alert that failed is tried again. */
  @DurationBetween('100ms', '1m')
  webhookTimeout: Duration = '5s';

  /**
   * Between two alerts for dead letters of one script: what comes in between is told in one alert with its number. 0 to 1
   * day, default 1 minute.
   */
  @DurationBetween('0ms', '1d')
  interval: Duration = '1m';

  /** The host's own `AlertChannel`: an instance, or a class that is resolved from the host's providers. Default none. */
  @MayBeUndefined()
  @Implementation('an AlertChannel', ['send'])
  channel: Type<object> | object | undefined = undefined;
}

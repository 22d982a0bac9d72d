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
 * Who is alerted about exhausted dead letters and stopped scripts. Every alert is also a log line and an event of the
 * emitter, such as `script.dead_letter.exhausted`.
 *
 * @publicApi
 */
export class AlertOptions {
  /**
   * URL that receives each alert as a POST with JSON. http or https, default none. Never logged: it may be a secret.
   */
  @MayBeUndefined()
  @HttpUrl()
  webhookUrl: string | undefined = undefined;

  /** Headers of that request, for example `{ authorization: 'Bearer …' }`. Default none. Never logged. */
  @HttpHeaders()
  webhookHeaders: Readonly<Record<string, string>> = {};

  /** How long the request may take. 100 ms to 1 minute, default 5 seconds. An alert that fails is sent again. */
  @DurationBetween('100ms', '1m')
  webhookTimeout: Duration = '5s';

  /**
   * Time between two alerts for one script. Dead letters exhausted in between are reported in one alert, with their
   * number. 0 to 1 day, default 1 minute.
   */
  @DurationBetween('0ms', '1d')
  interval: Duration = '1m';

  /** The host's own `AlertChannel`: an instance, or a class resolved from the host's providers. Default none. */
  @MayBeUndefined()
  @Implementation('an AlertChannel', ['send'])
  channel: Type<object> | object | undefined = undefined;
}

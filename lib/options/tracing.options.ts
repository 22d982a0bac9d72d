import type { Type } from '@nestjs/common';
import { Implementation, MayBeUndefined } from './option.decorators.js';

/**
 * Spans of events and runs in the host's tracing system.
 *
 * @publicApi
 */
export class TracingOptions {
  /**
   * The host's `Tracing`: `openTelemetryTracing()` of `nestjs-scripts-event/opentelemetry`, another instance, or a
   * class resolved from the host's providers. Default none: nothing is traced.
   */
  @MayBeUndefined()
  @Implementation('a Tracing', ['active', 'start'])
  adapter: Type<object> | object | undefined = undefined;
}

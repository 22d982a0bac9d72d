import { type Provider } from '@nestjs/common';
import { PrintableLogger } from '../../common/printable-logger.js';
import { BindingExplorer } from '../../bindings/binding.explorer.js';
import { BindingRegistry } from '../../bindings/binding.registry.js';
import { HttpBinding } from '../../bindings/http/http.binding.js';
import { Clock } from '../../common/clock.js';
import { ThrottledLog } from '../../common/throttled-log.js';
import { MetricsRecorder } from '../../metrics/metrics.recorder.js';
import { RESOLVED_OPTIONS } from '../../options/options.tokens.js';
import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import { make } from './make.js';

export const bindingProviders = (): Provider[] => [
  BindingExplorer,
  make(
    HttpBinding,
    [RESOLVED_OPTIONS, BindingRegistry],
    ({ http }: ResolvedOptions, registry: BindingRegistry) => new HttpBinding(http, registry),
  ),
  make(
    BindingRegistry,
    [RESOLVED_OPTIONS, MetricsRecorder, Clock],
    ({ sandbox }: ResolvedOptions, metrics: MetricsRecorder, clock: Clock) =>
      new BindingRegistry(
        { timeoutMs: sandbox.bindingTimeoutMs, maxBytes: sandbox.maxBindingBytes },
        metrics,
        new ThrottledLog(new PrintableLogger('ScriptBindings'), clock),
      ),
  ),
];

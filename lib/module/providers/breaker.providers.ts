import type { Provider } from '@nestjs/common';
import { VisibleHeldLimit } from '../../breaker/held-limit.js';
import { ScriptBreaker } from '../../breaker/script-breaker.js';
import { ScriptHealthRepository } from '../../breaker/script-health.repository.js';
import { ScriptHealthService } from '../../breaker/script-health.service.js';
import { Clock } from '../../common/clock.js';
import { ExecutionObserver } from '../../execution/execution.observer.js';
import { MetricsRecorder } from '../../metrics/metrics.recorder.js';
import { RESOLVED_OPTIONS } from '../../options/options.tokens.js';
import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import { ScriptIndex } from '../../scripts/script-index.js';
import { make } from './make.js';

export const breakerProviders = (): Provider[] => [
  ScriptBreaker,
  ScriptHealthService,
  { provide: ExecutionObserver, useExisting: ScriptBreaker },
  make(
    VisibleHeldLimit,
    [ScriptHealthRepository, MetricsRecorder, Clock, RESOLVED_OPTIONS, ScriptIndex],
    (
      health: ScriptHealthRepository,
      metrics: MetricsRecorder,
      clock: Clock,
      { breaker }: ResolvedOptions,
      index: ScriptIndex,
    ) => new VisibleHeldLimit(breaker.maxHeld, health, metrics, clock, (scriptId) => index.nameOf(scriptId)),
  ),
];

import type { Provider } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { VisibleHeldLimit } from '../../breaker/held-limit.js';
import { ScriptHealthRepository } from '../../breaker/script-health.repository.js';
import { AlertDispatcher } from '../../alerts/alert.dispatcher.js';
import { DeadLetterExecutor } from '../../dead-letter/retry/dead-letter.executor.js';
import { DeadLetterQueueRepository } from '../../dead-letter/store/dead-letter-queue.repository.js';
import { DeadLetterService } from '../../dead-letter/dead-letter.service.js';
import { DeadLetterWriter } from '../../dead-letter/dead-letter.writer.js';
import { ExecutionServiceExecutor } from '../../dead-letter/retry/execution.executor.js';
import { RetryStrategy } from '../../dead-letter/retry/retry.strategy.js';
import { RetryWorker } from '../../dead-letter/retry/retry.worker.js';
import { HostEventEmitter } from '../../events/host-event.emitter.js';
import { MetricsRecorder } from '../../metrics/metrics.recorder.js';
import { RESOLVED_OPTIONS } from '../../options/options.tokens.js';
import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import { HOST_MODULE_REF, HostModules } from '../host-modules.js';
import { alertChannels } from './alert-channels.js';
import { ScriptSandbox } from '../../sandbox/index.js';
import { ScriptIndex } from '../../scripts/script-index.js';
import { make } from './make.js';
import { spillProvider } from './spill.provider.js';

export const deadLetterProviders = (): Provider[] => [
  DeadLetterService,
  spillProvider(),
  { provide: DeadLetterExecutor, useClass: ExecutionServiceExecutor },
  make(RetryStrategy, [RESOLVED_OPTIONS], ({ retry }: ResolvedOptions) => new RetryStrategy(retry)),
  make(
    AlertDispatcher,
    [DeadLetterQueueRepository, ScriptHealthRepository, RESOLVED_OPTIONS, HostEventEmitter, HOST_MODULE_REF],
    (
      repository: DeadLetterQueueRepository,
      health: ScriptHealthRepository,
      options: ResolvedOptions,
      emitter: HostEventEmitter,
      modules: ModuleRef,
    ) =>
      new AlertDispatcher(
        repository,
        alertChannels(options, emitter, modules),
        { intervalMs: options.alerts.intervalMs },
        [health],
      ),
  ),
  make(
    DeadLetterWriter,
    [
      DeadLetterQueueRepository,
      MetricsRecorder,
      RetryStrategy,
      AlertDispatcher,
      VisibleHeldLimit,
      ScriptIndex,
    ],
    (
      repository: DeadLetterQueueRepository,
      metrics: MetricsRecorder,
      strategy: RetryStrategy,
      alerts: AlertDispatcher,
      held: VisibleHeldLimit,
      index: ScriptIndex,
    ) => new DeadLetterWriter(repository, metrics, strategy, alerts, {}, held, (id) => index.nameOf(id)),
  ),
  make(
    RetryWorker,
    [
      DeadLetterQueueRepository,
      DeadLetterExecutor,
      RetryStrategy,
      AlertDispatcher,
      MetricsRecorder,
      HostModules,
      ScriptIndex,
      ScriptSandbox,
      RESOLVED_OPTIONS,
    ],
    (
      repository: DeadLetterQueueRepository,
      executor: DeadLetterExecutor,
      strategy: RetryStrategy,
      alerts: AlertDispatcher,
      metrics: MetricsRecorder,
      { scheduler }: HostModules,
      index: ScriptIndex,
      sandbox: ScriptSandbox,
      { retry }: ResolvedOptions,
    ) =>
      new RetryWorker(repository, executor, strategy, alerts, metrics, scheduler, {
        intervalMs: retry.intervalMs,
        concurrency: retry.concurrency,
        batchSize: retry.batchSize,
        leaseMs: retry.leaseDurationMs,
        severalTenants: () => index.hasSeveralTenants,
        heavyTenants: () => sandbox.heavyTenants(),
      }),
  ),
];

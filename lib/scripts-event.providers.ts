import { type FactoryProvider, Logger, type Provider, type Type } from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { alertChannels } from './alert-channels.js';
import { BindingExplorer } from './bindings/binding.explorer.js';
import { BindingRegistry } from './bindings/binding.registry.js';
import { HttpBinding } from './bindings/http/http.binding.js';
import { VisibleHeldLimit } from './breaker/held-limit.js';
import { ScriptBreaker } from './breaker/script-breaker.js';
import { ScriptHealthRepository } from './breaker/script-health.repository.js';
import { ScriptHealthService } from './breaker/script-health.service.js';
import { TypeOrmScriptHealthRepository } from './breaker/typeorm-script-health.repository.js';
import { DURABLE_TABLES } from './buffer/durable/typeorm-durable.database.js';
import { EventBuffer } from './buffer/event-buffer.js';
import { Clock, SystemClock } from './common/clock.js';
import { ThrottledLog } from './common/throttled-log.js';
import { createEventBuffer } from './create-event-buffer.js';
import { AlertDispatcher } from './dead-letter/alert.dispatcher.js';
import { DeadLetterExecutor } from './dead-letter/dead-letter.executor.js';
import { DeadLetterRepository } from './dead-letter/dead-letter.repository.js';
import { DeadLetterService } from './dead-letter/dead-letter.service.js';
import { DeadLetterWriter } from './dead-letter/dead-letter.writer.js';
import { ExecutionServiceExecutor } from './dead-letter/execution.executor.js';
import { RetryStrategy } from './dead-letter/retry.strategy.js';
import { RetryWorker } from './dead-letter/retry.worker.js';
import { StoredTestEvents } from './dead-letter/stored-test.events.js';
import { TypeOrmDeadLetterRepository } from './dead-letter/typeorm-dead-letter.repository.js';
import { SchemaCheck } from './entities/typeorm-schema-check.js';
import { DomainEventExplorer } from './events/domain-event.explorer.js';
import { EventRouter } from './events/domain-event.js';
import { EventCapture } from './events/event-capture.js';
import { EventEmitterSource } from './events/event-emitter.source.js';
import { EventRegistry } from './events/event-registry.js';
import { EventSource } from './events/event-source.js';
import { HostEventEmitter } from './events/host-event.emitter.js';
import { ExecutionEventPublisher } from './events/execution-event.publisher.js';
import { ScriptPresence } from './events/script-presence.js';
import { ExecutionObserver } from './execution/execution.observer.js';
import { ExecutionRepository } from './execution/execution.repository.js';
import { ExecutionService } from './execution/execution.service.js';
import { ExecutionWriter } from './execution/execution.writer.js';
import { SandboxRuns } from './execution/sandbox-runs.js';
import { SandboxTestRunner } from './execution/sandbox-test.runner.js';
import { TypeOrmExecutionRepository } from './execution/typeorm-execution.repository.js';
import { DatabasePing } from './health/database.ping.js';
import { DatabaseWatch } from './health/database.watch.js';
import { RunPhase } from './health/run-phase.js';
import { ScriptsEventHealth } from './health/scripts-event-health.js';
import { TypeOrmDatabasePing } from './health/typeorm-database.ping.js';
import { HostModules, OPTIONAL_EMITTER, OPTIONAL_SCHEDULER } from './host-modules.js';
import { InMemoryMetricsRecorder } from './metrics/in-memory.metrics.js';
import { MetricsRecorder } from './metrics/metrics.recorder.js';
import { createMetricsRecorder } from './metrics/create-metrics.js';
import { RESOLVED_OPTIONS } from './options/options.tokens.js';
import { resolveOptions } from './options/resolve-options.js';
import type { ResolvedOptions, ScriptsEventModuleOptions } from './options/scripts-event.options.js';
import { RetentionRepository } from './retention/retention.repository.js';
import { RetentionService } from './retention/retention.service.js';
import { TypeOrmRetentionRepository } from './retention/typeorm-retention.repository.js';
import { DurableProcessing } from './routing/durable.processing.js';
import { EventMatcher } from './routing/event-matcher.js';
import { EventTriggerHandler } from './routing/event-trigger.handler.js';
import { QueuedEventProcessor } from './routing/queued-event.processor.js';
import { ScriptEventPublisher } from './routing/script-event.publisher.js';
import { ScriptSandbox } from './sandbox/index.js';
import { sandboxOptions } from './sandbox-options.js';
import { HEALTH_PARTS, retentionSettings, scriptsEventHealth } from './operation.js';
import { ActiveScripts } from './scripts/active-scripts.js';
import { BindingNames } from './scripts/binding-names.js';
import { EventTypeNames, OpenEventTypeNames } from './scripts/event-type-names.js';
import { OrderingSupport } from './scripts/ordering-support.js';
import { ScriptChanges } from './scripts/script-changes.js';
import { ScriptIndex } from './scripts/script-index.js';
import { ScriptIndexSync } from './scripts/script-index.sync.js';
import { ScriptRepository } from './scripts/script.repository.js';
import { ScriptService } from './scripts/script.service.js';
import { ScriptSources } from './scripts/script-sources.js';
import { ScriptTester } from './scripts/script.tester.js';
import { ScriptValidator } from './scripts/script.validator.js';
import { SourceChecker } from './scripts/source-checker.js';
import { TestEvents, TestRunner } from './scripts/test-runner.js';
import { TypeOrmActiveScripts } from './scripts/typeorm-active-scripts.js';
import { TypeOrmScriptChanges } from './scripts/typeorm-script-changes.js';
import { TypeOrmScriptRepository } from './scripts/typeorm-script.repository.js';
import { TypeStripper } from './scripts/typescript/type-stripper.js';
import { ScriptsEventLifecycle } from './scripts-event.lifecycle.js';
import { ScriptTypes } from './typings/script-types.service.js';
import { MODULE_OPTIONS_TOKEN } from './scripts-event.module-definition.js';

/** What a host may inject. */
export const SCRIPTS_EVENT_EXPORTS = [
  ScriptService,
  ScriptEventPublisher,
  ScriptTypes,
  ScriptHealthService,
  ExecutionService,
  DeadLetterService,
  BindingRegistry,
  InMemoryMetricsRecorder,
  EventBuffer,
  ScriptSandbox,
  RetryWorker,
  RetentionService,
  ScriptsEventHealth,
  RESOLVED_OPTIONS,
];

/** Everything the module consists of, from the ground up. */
export const scriptsEventProviders = (dataSourceName: string | undefined): Provider[] => [
  ...foundation(),
  ...storage(dataSourceName),
  ...scripts(),
  ...events(),
  ...bindings(),
  ...execution(),
  ...deadLetters(),
  ...breaker(),
  ...operation(),
  EventMatcher,
  EventTriggerHandler,
  DurableProcessing,
  ScriptEventPublisher,
  QueuedEventProcessor,
  ScriptsEventLifecycle,
];

const foundation = (): Provider[] => [
  make(RESOLVED_OPTIONS, [MODULE_OPTIONS_TOKEN], (given: ScriptsEventModuleOptions) => resolveOptions(given)),
  make(HostModules, [ModulesContainer, OPTIONAL_EMITTER, OPTIONAL_SCHEDULER], HostModules.of),
  { provide: Clock, useClass: SystemClock },
];

/** Adapters of the host's DataSource; TypeORM stays behind them. */
function storage(dataSourceName: string | undefined): Provider[] {
  const dataSource = getDataSourceToken(dataSourceName);
  const adapter = <T>(
    port: Abstract<T>,
    type: Type<T & object> | (new (source: DataSource) => T),
  ): Provider => make(port, [dataSource], (source: DataSource) => new type(source));
  return [
    make(
      SchemaCheck,
      [dataSource, RESOLVED_OPTIONS],
      (source: DataSource, { buffer }: ResolvedOptions) =>
        new SchemaCheck(source, buffer.driver === 'memory' ? [] : DURABLE_TABLES),
    ),
    make(
      EventBuffer,
      [RESOLVED_OPTIONS, dataSource, SchemaCheck, ScriptIndex, Clock, MetricsRecorder, ModuleRef],
      createEventBuffer,
    ),
    adapter(ScriptRepository, TypeOrmScriptRepository),
    adapter(ActiveScripts, TypeOrmActiveScripts),
    adapter(ScriptChanges, TypeOrmScriptChanges),
    adapter(ExecutionRepository, TypeOrmExecutionRepository),
    adapter(DeadLetterRepository, TypeOrmDeadLetterRepository),
    adapter(RetentionRepository, TypeOrmRetentionRepository),
    adapter(DatabasePing, TypeOrmDatabasePing),
    make(
      ScriptHealthRepository,
      [dataSource, RESOLVED_OPTIONS],
      (source: DataSource, { breaker }: ResolvedOptions) =>
        new TypeOrmScriptHealthRepository(source, breaker.maxHeld),
    ),
  ];
}

const scripts = (): Provider[] => [
  make(
    OrderingSupport,
    [RESOLVED_OPTIONS],
    ({ buffer }: ResolvedOptions) =>
      new OrderingSupport(buffer.driver === 'graphile-worker' && buffer.adapter === undefined),
  ),
  ScriptIndex,
  ScriptSources,
  ScriptService,
  ScriptTester,
  ScriptValidator,
  make(TypeStripper, [], () => new TypeStripper()),
  { provide: EventTypeNames, useClass: OpenEventTypeNames },
  { provide: BindingNames, useExisting: BindingRegistry },
  { provide: ScriptPresence, useExisting: ScriptIndex },
  make(
    ScriptIndexSync,
    [ScriptIndex, ActiveScripts, ScriptChanges, RESOLVED_OPTIONS, Clock],
    (
      index: ScriptIndex,
      active: ActiveScripts,
      changes: ScriptChanges,
      options: ResolvedOptions,
      clock: Clock,
    ) => new ScriptIndexSync(index, active, changes, options.index, clock),
  ),
  make(
    SourceChecker,
    [ScriptSandbox, RESOLVED_OPTIONS],
    (sandbox: ScriptSandbox, { sandbox: { maxSourceBytes } }: ResolvedOptions): SourceChecker => ({
      maxBytes: maxSourceBytes,
      check: (source) => sandbox.check(source),
    }),
  ),
];

const events = (): Provider[] => [
  DomainEventExplorer,
  EventCapture,
  ExecutionEventPublisher,
  { provide: EventRouter, useExisting: EventTriggerHandler },
  make(
    EventRegistry,
    [RESOLVED_OPTIONS],
    (options: ResolvedOptions) => new EventRegistry(options.events.types),
  ),
  make(HostEventEmitter, [HostModules], ({ emitter }: HostModules) => new HostEventEmitter(emitter)),
  make(
    EventSource,
    [HostModules, EventRegistry, EventCapture],
    ({ emitter }: HostModules, registry: EventRegistry, capture: EventCapture) =>
      new EventEmitterSource(emitter, registry, capture),
  ),
];

const bindings = (): Provider[] => [
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
        new ThrottledLog(new Logger('ScriptBindings'), clock),
      ),
  ),
];

const execution = (): Provider[] => [
  ExecutionService,
  ScriptTypes,
  SandboxRuns,
  { provide: TestRunner, useClass: SandboxTestRunner },
  make(
    ScriptSandbox,
    [RESOLVED_OPTIONS, MetricsRecorder],
    (options: ResolvedOptions, metrics: MetricsRecorder) =>
      new ScriptSandbox(sandboxOptions(options, metrics)),
  ),
  make(
    ExecutionWriter,
    [ExecutionRepository, MetricsRecorder, RESOLVED_OPTIONS],
    (
      repository: ExecutionRepository,
      metrics: MetricsRecorder,
      { buffer: { adapter, driver } }: ResolvedOptions,
    ) => {
      const awaited = driver !== 'memory' || adapter !== undefined;
      return new ExecutionWriter(repository, metrics, awaited ? AWAITED_RECORDS : {});
    },
  ),
  InMemoryMetricsRecorder,
  make(MetricsRecorder, [InMemoryMetricsRecorder, RESOLVED_OPTIONS, EventRegistry], createMetricsRecorder),
];

const deadLetters = (): Provider[] => [
  DeadLetterService,
  { provide: TestEvents, useClass: StoredTestEvents },
  { provide: DeadLetterExecutor, useClass: ExecutionServiceExecutor },
  make(RetryStrategy, [RESOLVED_OPTIONS], ({ retry }: ResolvedOptions) => new RetryStrategy(retry)),
  make(
    AlertDispatcher,
    [DeadLetterRepository, ScriptHealthRepository, RESOLVED_OPTIONS, HostEventEmitter, ModuleRef],
    (
      repository: DeadLetterRepository,
      health: ScriptHealthRepository,
      options: ResolvedOptions,
      emitter: HostEventEmitter,
      modules: ModuleRef,
    ) => new AlertDispatcher(repository, alertChannels(options, emitter, modules), {}, [health]),
  ),
  make(
    DeadLetterWriter,
    [DeadLetterRepository, MetricsRecorder, RetryStrategy, AlertDispatcher, VisibleHeldLimit],
    (
      repository: DeadLetterRepository,
      metrics: MetricsRecorder,
      strategy: RetryStrategy,
      alerts: AlertDispatcher,
      held: VisibleHeldLimit,
    ) => new DeadLetterWriter(repository, metrics, strategy, alerts, {}, held),
  ),
  make(
    RetryWorker,
    [
      DeadLetterRepository,
      DeadLetterExecutor,
      RetryStrategy,
      AlertDispatcher,
      MetricsRecorder,
      HostModules,
      RESOLVED_OPTIONS,
    ],
    (
      repository: DeadLetterRepository,
      executor: DeadLetterExecutor,
      strategy: RetryStrategy,
      alerts: AlertDispatcher,
      metrics: MetricsRecorder,
      { scheduler }: HostModules,
      { retry }: ResolvedOptions,
    ) =>
      new RetryWorker(repository, executor, strategy, alerts, metrics, scheduler, {
        intervalMs: retry.intervalMs,
        concurrency: retry.concurrency,
        batchSize: retry.batchSize,
        leaseMs: retry.leaseDurationMs,
      }),
  ),
];

const operation = (): Provider[] => [
  RunPhase,
  make(
    RetentionService,
    [RetentionRepository, MetricsRecorder, HostModules, Clock, RESOLVED_OPTIONS],
    (
      repository: RetentionRepository,
      metrics: MetricsRecorder,
      { scheduler }: HostModules,
      clock: Clock,
      options: ResolvedOptions,
    ) => new RetentionService(repository, metrics, scheduler, clock, retentionSettings(options)),
  ),
  make(
    DatabaseWatch,
    [DatabasePing, SchemaCheck, RESOLVED_OPTIONS],
    (database: DatabasePing, schema: SchemaCheck, options: ResolvedOptions) =>
      new DatabaseWatch(database, options.storage.checkMigrations ? schema : null),
  ),
  make(ScriptsEventHealth, HEALTH_PARTS, scriptsEventHealth),
];

const breaker = (): Provider[] => [
  ScriptBreaker,
  ScriptHealthService,
  { provide: ExecutionObserver, useExisting: ScriptBreaker },
  make(
    VisibleHeldLimit,
    [ScriptHealthRepository, MetricsRecorder, Clock, RESOLVED_OPTIONS],
    (health: ScriptHealthRepository, metrics: MetricsRecorder, clock: Clock, options: ResolvedOptions) =>
      new VisibleHeldLimit(options.breaker.maxHeld, health, metrics, clock),
  ),
];

/**
 * Workers of a durable buffer wait for their records, and who gathers company would gather those who wait: with 1 ms
 * instead of 10, one process did 1.5 times as many executions a second (`npm run bench:durable`, 2 cores).
 */
const AWAITED_RECORDS = { maxWaitMs: 1 };

type Abstract<T> = abstract new (...args: never[]) => T;

/** A factory provider, for classes whose constructors take more than injectables. */
const make = (
  provide: FactoryProvider['provide'],
  inject: FactoryProvider['inject'],
  useFactory: FactoryProvider['useFactory'],
): FactoryProvider => ({ provide, inject, useFactory });

export { ScriptsEventModule } from './module/scripts-event.module.js';
export type {
  ScriptsEventModuleAsyncOptions,
  ScriptsEventModuleExtras,
  ScriptsEventOptionsFactory,
} from './module/scripts-event.module-definition.js';
export {
  BinaryAnswersError,
  DuplicateModuleError,
  MissingDataSourceError,
  MissingModuleError,
  MissingProviderError,
  ModuleNotConfiguredError,
  SecondCopyError,
} from './module/host-modules.errors.js';

// Options
export { ScriptsEventOptions } from './options/scripts-event.options.js';
export type {
  OptionGroup,
  ResolvedGroup,
  ResolvedOptions,
  ResolvedValues,
  ScriptsEventModuleOptions,
} from './options/scripts-event.options.js';
export { AlertOptions } from './options/alert.options.js';
export { BreakerOptions } from './options/breaker.options.js';
export { BufferOptions } from './options/buffer.options.js';
export { EventsOptions } from './options/events.options.js';
export type {
  ActorResolver,
  HostEventType,
  HostEventTypes,
  TenantResolver,
} from './options/events.options.js';
export { HealthOptions } from './options/health.options.js';
export { HttpOptions } from './options/http.options.js';
export { IndexOptions } from './options/index.options.js';
export { LimitsOptions } from './options/limits.options.js';
export { SecretsOptions } from './options/secrets.options.js';
export type { TenantLimits, TenantLimitsResolver } from './options/limits.options.js';
export { MetricsOptions } from './options/metrics.options.js';
export { RetentionOptions } from './options/retention.options.js';
export { RetryOptions } from './options/retry.options.js';
export { SandboxOptions } from './options/sandbox.options.js';
export { SchedulesOptions } from './options/schedules.options.js';
export { StorageOptions } from './options/storage.options.js';
export { TracingOptions } from './options/tracing.options.js';
export { ScriptsEventOptionsError } from './options/options.errors.js';
export type { OptionIssue } from './options/options.errors.js';
export { RESOLVED_OPTIONS } from './options/options.tokens.js';
export { resolveOptions } from './options/resolve-options.js';

// Tracing
export { Tracing } from './tracing/tracing.js';
export type { SpanAttributes, SpanStart, TracingSpan } from './tracing/tracing.js';

// Events
export { EVENT_TYPES } from './events/event-types.js';
export type * from './common/event-payloads.js';
export { ScriptsDomainEvent } from './events/scripts-domain-event.js';
export type { EventDetails } from './events/scripts-domain-event.js';
export { MapDomainEvent } from './events/map-domain-event.decorator.js';
export type { MapDomainEventOptions } from './events/map-domain-event.decorator.js';
export type { EventMapper, MappedEvent } from './events/event-registry.js';
export { HOST_EVENTS } from './events/host-events.js';
export type {
  HostEventPayloads,
  ScriptDeadLetterExhausted,
  ScriptEvent,
  ScriptExecutionCompleted,
  ScriptExecutionEnded,
  ScriptExecutionFailed,
  ScriptHealthChanged,
} from './events/host-events.js';
export { EventMapperError, EventRefusedError, EventTypeConflictError } from './events/events.errors.js';
export type { RefusalReason } from './events/events.errors.js';
export type { EventCause, CauseLink } from './common/event-cause.js';
export type { EventTrace, SpanReference } from './common/event-trace.js';
export type { EventActor, EventEnvelope, EventReference, PublishedEvent } from './common/event-envelope.js';
export { DomainEventPublisher } from './routing/domain-event.publisher.js';
export type { PublishOptions, PublishReceipt } from './routing/domain-event.publisher.js';
export {
  DurableBufferRequiredError,
  TransactionRequiredError,
  UnknownPublishOptionError,
} from './routing/publish.errors.js';

// Bindings
export { ScriptBinding } from './bindings/script-binding.decorator.js';
export type { ScriptBindingOptions } from './bindings/script-binding.decorator.js';
export type { BindingContext } from './bindings/binding-context.js';
export type { ScriptDiff, ScriptDiffLine } from './scripts/source-diff.js';
export type { BindingSecrets } from './bindings/binding-secrets.js';
export type { BindingDefinition, BindingResult } from './bindings/binding-definition.js';
export type { BindingStandIn, BindingStandIns } from './bindings/stand-ins.js';
export { BindingRegistry } from './bindings/binding.registry.js';
export type { BindingWaits } from './bindings/calls-under-way.js';
export { BindingDeclarationError } from './bindings/binding.errors.js';
export { HttpClientMissingError } from './bindings/http/http.errors.js';
export { BindingCallError } from './common/binding-call.error.js';
export { SourceCheckStoppedError } from './common/source-check-stopped.error.js';
export { SourceChecksFullError } from './common/source-checks-full.error.js';

// Secrets and variables
export { SecretService } from './secrets/secret.service.js';
export type {
  CreateSecret,
  SecretFields,
  SecretRotation,
  SecretSummary,
  UpdateSecret,
} from './secrets/secret.types.js';
export { SecretCipher } from './secrets/secret.cipher.js';
export type { SecretReference } from './secrets/secret.cipher.js';
export {
  DuplicateSecretError,
  SecretKeyError,
  SecretNotFoundError,
  SecretKeyMissingError,
  TooManySecretsError,
} from './secrets/secret.errors.js';
export { ScriptStoreService } from './store/script-store.service.js';
export type {
  StoreClearOptions,
  StoreClearResult,
  StoreDeletionOptions,
  StoreEntry,
  StoreEntrySummary,
  StoreListQuery,
  StoreOwner,
  StoreSetOptions,
  StoreSize,
  StoreSizes,
  StoreUsageOfTenant,
} from './store/script-store.types.js';
export { StoreKeyNotFoundError, StoreQuotaError, StoreScriptNotFoundError } from './store/store.errors.js';
export { VariableService } from './variables/variable.service.js';
export type {
  DeletedVariable,
  Variable,
  VariableCondition,
  VariablesCondition,
  VariableVersion,
} from './variables/variable.types.js';
export {
  TooManyVariablesError,
  VariableChangedError,
  VariableNotFoundError,
} from './variables/variable.errors.js';

// Scripts
export { ScheduleService } from './schedules/schedule.service.js';
export type { ScheduleDraft, ScheduleState } from './schedules/schedule.types.js';
export { ScriptService } from './scripts/script.service.js';
export type {
  CreateScript,
  SavedScript,
  ScheduleFields,
  ScriptDeletion,
  ScriptFields,
  ScriptQuery,
  ScriptCondition,
  ScriptVersionQuery,
  ScriptVersionSummary,
  UpdateScript,
} from './scripts/script.types.js';
export type {
  ConditionExplanation,
  FilterExplanation,
  FilterOperator,
  GroupExplanation,
} from './filters/index.js';
export type { FailureKind, LogLevel, LogLine, RunError } from './sandbox/index.js';
export type {
  CompletedTestRun,
  EndedTestRun,
  FailedTestRun,
  FilterVerdict,
  ScriptDraft,
  TestedEvent,
  TestEvent,
  TestRunError,
  TestRunMetrics,
  TestBindings,
  TestRunOptions,
  TestRunResult,
  TestRunRouting,
} from './test-run/test-run.types.js';
export { TestRunService } from './test-run/test-run.service.js';
export {
  DuplicateScriptNameError,
  TooManyScriptsError,
  ScriptChangedError,
  ScriptConflictError,
  ScriptNotFoundError,
  ScriptSourceError,
  ScriptStatusError,
  ScriptValidationError,
  ScriptVersionNotFoundError,
  TypeScriptStartError,
  TypeScriptSupportError,
} from './scripts/script.errors.js';
export type { ScriptIssue } from './scripts/script.errors.js';

// Types for authors
export { generateScriptTypes } from './typings/script-types.js';
export type { DescribedBinding, DescribedEvent, ScriptTypesRequest } from './typings/script-types.js';
export { ScriptTypes } from './typings/script-types.service.js';
export { EventTypeNameError } from './typings/typings.errors.js';

// Executions
export { ExecutionService } from './execution/execution.service.js';
export type { ManualContext } from './execution/manual-event.js';
export type {
  CompletedExecution,
  EndedExecution,
  ExecutionResult,
  FailedExecution,
  ReplayExecutionOptions,
} from './execution/execution.types.js';
export type { ExecutionFilter, ExecutionRecord, ExecutionSummary } from './execution/execution.repository.js';
export type { RunningExecution } from './execution/running-executions.js';
export {
  ExecutionInputNotKeptError,
  CancelUnconfirmedError,
  ExecutionNotRunningError,
  ExecutionNotReplayableError,
  ScriptNotRunnableError,
  TenantRequiredError,
} from './execution/execution.errors.js';
export { ExecutionNotFoundError } from './execution/execution-query.errors.js';

// Activity
export { ActivityService } from './activity/activity.service.js';
export { TenantsService } from './activity/tenants.service.js';
export { ChangeTooSlowError } from './common/change-too-slow.error.js';
export { QueryTooSlowError } from './common/query-too-slow.error.js';
export type {
  EventHistory,
  EventNode,
  CauseRecord,
  FailureGroup,
  FailureGroups,
  FailureQuery,
  Statistics,
  StatisticsBucket,
  StatisticsQuery,
  TenantActivity,
  TenantPage,
  TenantQuery,
} from './activity/activity.types.js';

// Dead letters
export { SpillFolderError } from './dead-letter/spill/spill.errors.js';
export { DeadLetterService } from './dead-letter/dead-letter.service.js';
export type { ManyOptions, ManyResult, PurgeRequest } from './dead-letter/dead-letter.service.js';
export type { PurgeableStatus } from './dead-letter/store/dead-letter-queue.repository.js';
export type {
  BoundedCount,
  DeadLetterCounts,
  DeadLetterEntry,
  DeadLetterFilter,
  DeadLetterStats,
  DeadLetterSummary,
} from './dead-letter/dead-letter.types.js';
export { DeadLetterNotFoundError, DeadLetterStateError } from './dead-letter/dead-letter.errors.js';
export { AlertChannel } from './alerts/alert.channel.js';
export type { DeadLetterAlert, ScriptAlert } from './alerts/alert.channel.js';
export { WebhookAlertChannel } from './alerts/channels/webhook.alert-channel.js';
export type { WebhookAlertOptions } from './alerts/channels/webhook.alert-channel.js';
export { RetryStrategy } from './dead-letter/retry/retry.strategy.js';
export type {
  RetryableFailure,
  RetryClass,
  RetryDecision,
  RetryStrategyOptions,
} from './dead-letter/retry/retry.strategy.js';
export { RetryWorker } from './dead-letter/retry/retry.worker.js';
export type { TickSummary } from './dead-letter/retry/retry-worker.options.js';

// Breaker
export { ScriptHealthService } from './breaker/script-health.service.js';
export type {
  ResumeOptions,
  Resumption,
  ScriptBlame,
  ScriptHealth,
  ScriptHealthState,
} from './breaker/script-health.types.js';
export { ScriptHealthyError } from './breaker/script-health.errors.js';

// Operation
export { RetentionService } from './retention/retention.service.js';
export type { RetentionOutcome, RetentionStats, RetentionSummary } from './retention/retention.types.js';
export type { RetainedKind } from './retention/retained-rows.js';
export { ScriptsEventHealth } from './health/scripts-event-health.js';
export type { ComponentHealth, HealthComponent, HealthReport, HealthStatus } from './health/health.types.js';

// Metrics
export type { StoreOperation } from './common/built-in-calls.js';
export { InMemoryMetricsRecorder } from './metrics/in-memory.metrics.js';
export type {
  BindingMetrics,
  BreakerMetrics,
  DLQMetrics,
  EventMetrics,
  ScheduleMetrics,
  SecretMetrics,
  StorageMetrics,
  StoreMetrics,
} from './metrics/in-memory.metrics.js';
export type {
  BindingResultLabel,
  BreakerStateLabel,
  CipherOperationLabel,
  DropReason,
  ExecutionStatusLabel,
  MetricsRecorder,
  MetricsSources,
  RedeliveryLabel,
  RetainedLabel,
  RetryResultLabel,
  ScheduleReasonLabel,
  SecretUseLabel,
  StoreCallLabel,
  StoreRunLabel,
  TableSize,
} from './metrics/metrics.recorder.js';

// Buffer
export type { RunLease } from './common/run-lease.js';
export { EventBuffer } from './buffer/event-buffer.js';
export type {
  EnqueueResult,
  EventBufferStats,
  ProcessingVerdict,
  ProcessQueuedEvent,
} from './buffer/event-buffer.js';
export { DurableEventBuffer } from './buffer/durable-event-buffer.js';
export type { EnqueuedIn, EnqueueInOptions, SqlConnection } from './buffer/durable-event-buffer.js';
export { EventBufferClosedError, InvalidEventBufferError } from './buffer/event-buffer.errors.js';
export type { EventOrdering, QueuedEvent } from './buffer/queued-event.js';
export { installDurableBuffer } from './buffer/durable/install-durable-buffer.js';
export {
  EngineMissingError,
  EngineSchemaError,
  EngineUnsupportedError,
} from './buffer/durable/engine/engine.errors.js';

// Storage
export * from './entities/index.js';
export {
  MigrationsMissingError,
  MissingRightsError,
  MissingEntitiesError,
  UnsupportedDatabaseError,
} from './entities/schema-check.errors.js';

// Common
export { ScriptsEventError } from './common/errors.js';
export { type FieldIssue, InvalidQueryError } from './common/invalid-query.error.js';
export type { ErrorCategory } from './common/errors.js';
export { ScriptsEventExceptionFilter } from './http/scripts-event.exception-filter.js';
export type { Duration } from './common/duration.js';
export type { JsonObject, JsonValue } from './common/json.js';
export type { Page, PageRequest } from './common/page.js';

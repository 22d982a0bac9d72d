import { ActivityService } from '../activity/activity.service.js';
import { TenantsService } from '../activity/tenants.service.js';
import { BindingRegistry } from '../bindings/binding.registry.js';
import { ScriptHealthService } from '../breaker/script-health.service.js';
import { EventBuffer } from '../buffer/event-buffer.js';
import { EventRegistry } from '../events/event-registry.js';
import { DeadLetterService } from '../dead-letter/dead-letter.service.js';
import { RetryWorker } from '../dead-letter/retry/retry.worker.js';
import { ExecutionService } from '../execution/execution.service.js';
import { ScriptsEventHealth } from '../health/scripts-event-health.js';
import { InMemoryMetricsRecorder } from '../metrics/in-memory.metrics.js';
import { TenantNews } from '../nodes/tenant-news.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import { RetentionService } from '../retention/retention.service.js';
import { DomainEventPublisher } from '../routing/domain-event.publisher.js';
import { ScriptSandbox } from '../sandbox/index.js';
import { ScheduleService } from '../schedules/schedule.service.js';
import { ScriptService } from '../scripts/script.service.js';
import { SecretService } from '../secrets/secret.service.js';
import { TestRunService } from '../test-run/test-run.service.js';
import { ScriptStoreService } from '../store/script-store.service.js';
import { VariableService } from '../variables/variable.service.js';
import { ScriptTypes } from '../typings/script-types.service.js';

/** The classes that a host may inject. */
export const SCRIPTS_EVENT_EXPORTS = [
  ScriptService,
  SecretService,
  VariableService,
  ScriptStoreService,
  ScheduleService,
  TestRunService,
  DomainEventPublisher,
  ScriptTypes,
  ScriptHealthService,
  ExecutionService,
  ActivityService,
  TenantsService,
  DeadLetterService,
  BindingRegistry,
  EventRegistry,
  InMemoryMetricsRecorder,
  EventBuffer,
  ScriptSandbox,
  RetryWorker,
  RetentionService,
  ScriptsEventHealth,
  TenantNews,
  RESOLVED_OPTIONS,
];

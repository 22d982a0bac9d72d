import { BindingRegistry } from '../bindings/binding.registry.js';
import { ScriptHealthService } from '../breaker/script-health.service.js';
import { EventBuffer } from '../buffer/event-buffer.js';
import { DeadLetterService } from '../dead-letter/dead-letter.service.js';
import { RetryWorker } from '../dead-letter/retry.worker.js';
import { ExecutionService } from '../execution/execution.service.js';
import { ScriptsEventHealth } from '../health/scripts-event-health.js';
import { InMemoryMetricsRecorder } from '../metrics/in-memory.metrics.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import { RetentionService } from '../retention/retention.service.js';
import { ScriptEventPublisher } from '../routing/script-event.publisher.js';
import { ScriptSandbox } from '../sandbox/index.js';
import { ScriptService } from '../scripts/script.service.js';
import { ScriptTypes } from '../typings/script-types.service.js';

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

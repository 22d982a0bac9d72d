import { BindingRegistry } from '../../bindings/binding.registry.js';
import { EventBuffer } from '../../buffer/event-buffer.js';
import { Clock } from '../../common/clock.js';
import { DeadLetterWriter } from '../../dead-letter/dead-letter.writer.js';
import { RetryWorker } from '../../dead-letter/retry/retry.worker.js';
import { EventEmitterSource } from '../../events/event-emitter.source.js';
import { ExecutionWriter } from '../../execution/execution.writer.js';
import { DatabaseWatch } from '../../health/database.watch.js';
import { RunPhase } from '../../health/run-phase.js';
import { healthSettings } from '../../health/health-settings.js';
import type { WriterState } from '../../health/health.verdicts.js';
import { ScriptsEventHealth } from '../../health/scripts-event-health.js';
import { RESOLVED_OPTIONS } from '../../options/options.tokens.js';
import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import { RetentionService } from '../../retention/retention.service.js';
import { ScriptSandbox } from '../../sandbox/index.js';
import { ScheduleRunner } from '../../schedules/schedule.runner.js';
import { ScriptIndexSync } from '../../scripts/script-index.sync.js';

/** The providers from which {@link scriptsEventHealth} is made, in the order of its parameters. */
export const HEALTH_PARTS = [
  RunPhase,
  EventEmitterSource,
  EventBuffer,
  ScriptSandbox,
  BindingRegistry,
  ScriptIndexSync,
  RetryWorker,
  ExecutionWriter,
  DeadLetterWriter,
  RetentionService,
  ScheduleRunner,
  DatabaseWatch,
  RESOLVED_OPTIONS,
  Clock,
];

/** The health service over the parts of one application. */
export function scriptsEventHealth(
  phase: RunPhase,
  source: EventEmitterSource,
  buffer: EventBuffer,
  sandbox: ScriptSandbox,
  bindings: BindingRegistry,
  index: ScriptIndexSync,
  retries: RetryWorker,
  executions: ExecutionWriter,
  deadLetters: DeadLetterWriter,
  retention: RetentionService,
  schedules: ScheduleRunner,
  database: DatabaseWatch,
  options: ResolvedOptions,
  clock: Clock,
): ScriptsEventHealth {
  return new ScriptsEventHealth(
    {
      phase: () => phase.current,
      sinceLossMs: () => source.sinceLossMs,
      buffer: () => buffer.stats(),
      lease: () => leaseOf(buffer),
      sandbox: () => sandbox.stats(),
      bindings: () => bindings.waits(),
      index: () => index.freshness,
      retries: () => retries.stats(),
      writers: () => [writerState('execution records', executions), writerState('dead letters', deadLetters)],
      retention: () => retention.stats(),
      schedules: () => schedules.stats(),
    },
    database,
    healthSettings(options),
    clock,
  );
}

const writerState = (
  name: string,
  { backlog, isFull, oldestMs }: Omit<WriterState, 'name'>,
): WriterState => ({
  name,
  backlog,
  isFull,
  oldestMs,
});

/** The lease of a buffer that has one. The port doesn't require it. */
const leaseOf = (buffer: EventBuffer & { readonly healthy?: unknown }): boolean | undefined =>
  typeof buffer.healthy === 'boolean' ? buffer.healthy : undefined;

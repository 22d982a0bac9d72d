import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { PrintableLogger } from '../common/printable-logger.js';
import { BindingExplorer } from '../bindings/binding.explorer.js';
import { BindingRegistry } from '../bindings/binding.registry.js';
import { HttpBinding } from '../bindings/http/http.binding.js';
import { ScriptBreaker } from '../breaker/script-breaker.js';
import { ScriptHealthRepository } from '../breaker/script-health.repository.js';
import { EventBuffer } from '../buffer/event-buffer.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import { messageOf } from '../common/errors.js';
import { SCHEDULE_EVENT_TYPE } from '../common/event-type-name.js';
import { inOwnContext } from '../common/own-context.js';
import { AlertDispatcher } from '../alerts/alert.dispatcher.js';
import { DeadLetterQueueRepository } from '../dead-letter/store/dead-letter-queue.repository.js';
import { DeadLetterWriter } from '../dead-letter/dead-letter.writer.js';
import { RetryWorker } from '../dead-letter/retry/retry.worker.js';
import type { Spill } from '../dead-letter/spill/spill.js';
import { SchemaCheck } from '../entities/typeorm-schema-check.js';
import { DomainEventExplorer } from '../events/domain-event.explorer.js';
import { EventEmitterSource } from '../events/event-emitter.source.js';
import { ExecutionWriter } from '../execution/execution.writer.js';
import { RunPhase } from '../health/run-phase.js';
import { MetricsRecorder, type MetricsSources } from '../metrics/metrics.recorder.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import { RetentionRepository } from '../retention/retention.repository.js';
import { RetentionService } from '../retention/retention.service.js';
import { EventTriggerHandler } from '../routing/event-trigger.handler.js';
import { SHUTDOWN_MESSAGE } from '../routing/failures.js';
import { QueuedEventProcessor } from '../routing/queued-event.processor.js';
import { ScriptSandbox } from '../sandbox/index.js';
import { ScheduleRunner } from '../schedules/schedule.runner.js';
import { ScheduleRuns } from '../schedules/schedule.runs.js';
import { ScriptIndexSync } from '../scripts/script-index.sync.js';
import { ScriptIndex } from '../scripts/script-index.js';
import { SecretVault } from '../secrets/secret-vault.js';
import { VariableStore } from '../variables/variable-store.js';
import { HostModules } from './host-modules.js';
import { SPILL } from './providers/spill.provider.js';
import { StopBudget } from './stop-budget.js';
import { formatDuration } from '../common/duration-text.js';

/**
 * Milliseconds that cancelled scripts get to end. With less, their process would be killed before it could report their
 * outcome.
 */
const CANCEL_GRACE_MS = 2_000;
/** Milliseconds for closing everything after a start that failed. */
const FAILED_START_MS = 10_000;

/**
 * The order of start and stop.
 *
 * ```
 * start: host's modules and schema checked → event types and bindings explored → index, secrets and variables loaded
 *        → sandbox warm → workers → events taken
 * stop:  intake closed → queue drained → running scripts cancelled → the rest kept → writers flushed → children ended
 * ```
 *
 * It stops in `beforeApplicationShutdown`, before TypeORM closes its connections in `onApplicationShutdown`.
 */
@Injectable()
export class ScriptsEventLifecycle
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown
{
  private readonly logger = new PrintableLogger('ScriptsEvent');
  private starting: Promise<void> | undefined;
  private stopping: Promise<void> | undefined;
  private disconnectMetrics: (() => void) | undefined;
  private beginWork!: (bootstrapped: boolean) => void;
  /** Resolves with false if the application stops before it has started. */
  private readonly bootstrapped = new Promise<boolean>((resolve) => (this.beginWork = resolve));

  constructor(
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    private readonly hostModules: HostModules,
    private readonly schema: SchemaCheck,
    private readonly eventExplorer: DomainEventExplorer,
    private readonly bindingExplorer: BindingExplorer,
    private readonly bindings: BindingRegistry,
    private readonly httpBinding: HttpBinding,
    private readonly index: ScriptIndex,
    private readonly indexSync: ScriptIndexSync,
    private readonly secrets: SecretVault,
    private readonly variables: VariableStore,
    private readonly sandbox: ScriptSandbox,
    private readonly buffer: EventBuffer,
    private readonly processor: QueuedEventProcessor,
    private readonly router: EventTriggerHandler,
    private readonly source: EventEmitterSource,
    private readonly retries: RetryWorker,
    private readonly alerts: AlertDispatcher,
    private readonly executionWriter: ExecutionWriter,
    private readonly deadLetterWriter: DeadLetterWriter,
    private readonly deadLetters: DeadLetterQueueRepository,
    private readonly breaker: ScriptBreaker,
    private readonly health: ScriptHealthRepository,
    private readonly metrics: MetricsRecorder,
    private readonly retention: RetentionService,
    private readonly retained: RetentionRepository,
    private readonly schedules: ScheduleRunner,
    private readonly scheduleRuns: ScheduleRuns,
    private readonly phase: RunPhase,
    @Inject(SPILL) private readonly spill: Spill | null,
  ) {}

  onModuleInit(): Promise<void> {
    this.starting = inOwnContext(() => this.start());
    return this.starting;
  }

  onApplicationBootstrap(): void {
    // Work begins after every module is initialised, because a retry, or an event that waited in the database, may call
    // a binding of the host.
    this.beginWork(true);
    if (this.stopping) return;
    inOwnContext(() => {
      this.retries.start();
      if (this.options.retention.enabled) this.retention.start();
      if (this.options.schedules.enabled) this.schedules.start();
    });
  }

  beforeApplicationShutdown(): Promise<void> {
    this.stopping ??= inOwnContext(() => this.stop());
    return this.stopping;
  }

  private async start(): Promise<void> {
    this.hostModules.checkImportedOnce();
    for (const warning of this.options.warnings) this.logger.warn(warning);
    try {
      await this.spill?.checkFolder();
      if (this.options.storage.checkMigrations) {
        await this.schema.checkRights();
        await this.schema.run();
      }
      this.eventExplorer.explore();
      await this.httpBinding.open();
      this.bindingExplorer.explore();
      await this.indexSync.start();
      await this.secrets.start();
      await this.variables.start();
      await this.sandbox.start();
      this.disconnectMetrics = this.metrics.observe({
        buffer: () => this.buffer.stats(),
        sandbox: () => ({ ...this.sandbox.stats().processes }),
        awaitingBindings: () => this.bindings.waits().runs,
        sandboxMemory: () => this.sandbox.stats().rssBytes,
        deadLetters: () => this.deadLetters.countByStatus(),
        oldestDueMs: () => this.deadLetters.oldestDueMs(),
        scheduleDueMs: () => this.schedules.overdueMs(),
        breaker: () => this.health.countByState(),
        index: () => {
          const { indexed, scanned } = this.index.stats();
          return { indexed, other: scanned };
        },
        tables: () => this.retained.tableSizes(),
        retainedAt: () => this.retention.stats().lastSuccessAt,
        // Every source is required: a gauge without a source is not exported.
      } satisfies Required<MetricsSources>);
      await this.buffer.start(async (...given) => {
        await this.processor.ready(this.bootstrapped);
        return inOwnContext(() => this.processor.process(...given));
      });
      this.source.open();
      this.phase.current = 'running';
      this.spill?.takeUp();
    } catch (error) {
      // Nest calls no shutdown hook of an application that failed to start, so sandbox processes and connections must
      // be closed here.
      await this.release(new StopBudget(FAILED_START_MS));
      throw error;
    }
    const { scripts, disabled, tenants } = this.index.stats();
    const stopped = disabled === 0 ? '' : `, ${disabled} disabled scripts whose events are held`;
    this.logger.log(`Ready: ${scripts} active scripts of ${tenants} tenants${stopped}.`);
  }

  private async stop(): Promise<void> {
    await this.starting?.catch(() => undefined);
    this.beginWork(false);
    this.phase.current = 'stopping';
    const { shutdownTimeoutMs } = this.options;
    const budget = new StopBudget(shutdownTimeoutMs);
    const before = this.lost();
    let keeping: Promise<void>[] = [];
    try {
      this.router.close();
      this.buffer.close();
      const { depth, busy } = this.buffer.stats();
      if (depth + busy > 0)
        this.logger.log(`Stopping: ${depth} queued events are waiting, ${busy} are running here.`);
      const others = Promise.all([
        this.retries.stop(budget.drainMs),
        this.retention.stop(budget.drainMs),
        this.schedules.stop(budget.drainMs),
      ]);
      const drained = await this.buffer.drain(budget.drainMs);
      if (!drained)
        this.logger.warn(
          `Some queued events did not run within ${formatDuration(budget.drainMs)} of the ${formatDuration(shutdownTimeoutMs)} of shutdownTimeout; ` +
            `they ${this.processor.restAtStop}.`,
        );
      const rest = await this.buffer.stop(CANCEL_GRACE_MS);
      this.spill?.open();
      keeping = await this.keep(rest, budget);
      await others;
      this.source.close();
      await this.router.settle(CANCEL_GRACE_MS);
    } catch (error) {
      this.logger.error(`An error occurred during the stop: ${messageOf(error)}`);
    } finally {
      await this.release(budget);
      await this.tell(keeping, before);
      this.logger.log('Stopped.');
    }
  }

  /**
   * Gives the remaining events to the dead letter writer. While the writer is full, waits for it, as long as it makes
   * progress.
   */
  private async keep(rest: readonly QueuedEvent[], budget: StopBudget): Promise<Promise<void>[]> {
    const keeping: Promise<void>[] = [];
    let getsOn = true;
    for (const event of rest) {
      if (getsOn && this.deadLetterWriter.isFull)
        getsOn = await this.deadLetterWriter.catchUp(budget.stallMs, this.mayGoOn(budget));
      const letter = this.deadLetterWriter.keep(event, { reason: 'shutdown', message: SHUTDOWN_MESSAGE });
      if (event.type === SCHEDULE_EVENT_TYPE) void this.scheduleRuns.ended(event, letter);
      keeping.push(letter);
    }
    return keeping;
  }

  /**
   * Whether storing may continue. With a spill file, until the time of the stop is over. Without one, as long as the
   * database makes progress, because giving up would lose the rest.
   */
  private mayGoOn(budget: StopBudget): () => boolean {
    return () => this.spill === null || budget.leftMs > 0;
  }

  private lost(): { deadLetters: number; executions: number } {
    return { deadLetters: this.deadLetterWriter.lost, executions: this.executionWriter.lost };
  }

  /** Logs how many events and records were kept, spilled and lost. */
  private async tell(keeping: readonly Promise<void>[], before: { deadLetters: number; executions: number }) {
    const kept = (await Promise.allSettled(keeping)).filter(({ status }) => status === 'fulfilled').length;
    const all = kept === keeping.length;
    if (keeping.length > 0)
      this.logger[all ? 'log' : 'warn'](
        all
          ? `Kept ${kept} queued events as dead letters; they are retried at the next start.`
          : `Kept ${kept} of ${keeping.length} queued events as dead letters; they are retried at the next start.`,
      );
    const spilled = this.spill?.finish();
    if (spilled?.path)
      this.logger.warn(
        `${spilled.deadLetters} dead letters and ${spilled.executions} execution records could not be stored. They were written ` +
          `to ${spilled.path}, and the next start imports them.`,
      );
    const deadLetters = this.deadLetterWriter.lost - before.deadLetters;
    const executions = this.executionWriter.lost - before.executions;
    if (deadLetters + executions > 0)
      this.logger.error(
        `Lost in this stop: ${deadLetters} dead letters (their events do not run) and ${executions} execution records. ` +
          (this.spill
            ? 'The spill file in storage.spillPath could not be written.'
            : 'The database was unavailable. Set storage.spillPath to keep such records in a file.'),
      );
  }

  /**
   * Closes everything that was opened. Sandbox and buffer end before the writers, because what still runs may still
   * write.
   */
  private async release(budget: StopBudget): Promise<void> {
    this.phase.current = 'stopping';
    this.source.close();
    await this.sandbox.stop(0);
    await this.buffer.stop(CANCEL_GRACE_MS);
    const { stallMs } = budget;
    await Promise.all([
      this.breaker.stop(stallMs),
      this.executionWriter.close(stallMs, this.mayGoOn(budget)),
      this.closeLetters(stallMs, this.mayGoOn(budget)),
      this.alerts.stop(stallMs),
      this.retention.stop(stallMs),
      this.schedules.stop(stallMs),
      this.indexSync.stop(stallMs),
      this.secrets.stop(stallMs),
      this.variables.stop(stallMs),
      this.httpBinding.close(),
    ]);
    this.disconnectMetrics?.();
    this.phase.current = 'stopped';
  }

  /** Closes the runs of schedules last, because they end when their dead letters are stored. */
  private async closeLetters(stallMs: number, mayGoOn: () => boolean): Promise<void> {
    try {
      await this.deadLetterWriter.close(stallMs, mayGoOn);
    } finally {
      await this.scheduleRuns.close(stallMs);
    }
  }
}

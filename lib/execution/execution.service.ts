import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { WriteRefusedError } from '../common/batching-writer.errors.js';
import { Clock } from '../common/clock.js';
import { inOwnContext } from '../common/own-context.js';
import { isUuid, type Page, type PageRequest } from '../common/page.js';
import { HostEventEmitter } from '../events/host-event.emitter.js';
import { ExecutionEventPublisher } from '../events/execution-event.publisher.js';
import { MetricsRecorder } from '../metrics/metrics.recorder.js';
import { NodeMessages } from '../nodes/node-messages.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import type { Outcome } from '../sandbox/index.js';
import { ScriptIndex } from '../scripts/script-index.js';
import { ScriptIndexSync } from '../scripts/script-index.sync.js';
import { ScriptRepository } from '../scripts/script.repository.js';
import { ScriptSources } from '../scripts/script-sources.js';
import { checkBy, checkFields, checkTenant } from '../options/query-checks.js';
import { ScriptSpans } from '../tracing/script-spans.js';
import { ExecutionNotFoundError } from './execution-query.errors.js';
import { checkReplayOptions, checkRunContext } from './execution-query.js';
import { ExecutionNotRunningError, ScriptNotRunnableError, TenantRequiredError } from './execution.errors.js';
import { BY_HAND, ExecutionObserver } from './execution.observer.js';
import { Cancellation } from './cancellation.js';
import { executionRecord, idempotencyKeyOf, type RunTimes } from './execution.record.js';
import { report } from './execution.report.js';
import { publicationOf } from './publication.js';
import {
  type ExecutionFilter,
  type ExecutionRecord,
  ExecutionRepository,
  type ExecutionSummary,
} from './execution.repository.js';
import type {
  ExecutionRequest,
  ExecutionResult,
  ExecutionNotRun,
  Recording,
  ReplayExecutionOptions,
} from './execution.types.js';
import { ExecutionWriter } from './execution.writer.js';
import { manualEvent, type ManualContext } from './manual-event.js';
import { replayedEvent } from './past-event.js';
import { RemoteCancellation } from './remote-cancellation.js';
import { type RunningExecution, runningExecution, RunningExecutions } from './running-executions.js';
import { RunnableScripts } from './runnable-scripts.js';
import { type EndedRun, outcomeOf, type RunRecord, RunsWithStore } from './runs-with-store.js';
import { spanned } from './spanned.js';

/**
 * Runs scripts in the sandbox and records how each run ended: with one record, one count and one emitter event for each
 * execution. Events that a completed script published are routed.
 *
 * @publicApi
 */
@Injectable()
export class ExecutionService {
  private readonly running = new RunningExecutions();
  private readonly elsewhere: RemoteCancellation;
  private readonly scripts: RunnableScripts;

  /** @internal */
  constructor(
    index: ScriptIndex,
    indexSync: ScriptIndexSync,
    scripts: ScriptRepository,
    sources: ScriptSources,
    private readonly writer: ExecutionWriter,
    private readonly executions: ExecutionRepository,
    private readonly metrics: MetricsRecorder,
    private readonly publisher: ExecutionEventPublisher,
    private readonly runs: RunsWithStore,
    private readonly host: HostEventEmitter,
    private readonly observer: ExecutionObserver,
    private readonly clock: Clock,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    messages: NodeMessages,
    private readonly spans: ScriptSpans,
  ) {
    this.scripts = new RunnableScripts(index, indexSync, scripts, sources);
    this.elsewhere = new RemoteCancellation(messages, this.running);
  }

  /**
   * Runs a script now with `data` as its input. Resolves when it has ended and its record is stored (or refused by the
   * database, which is counted and logged). If the script fails, the result has the status `failed`; no dead letter is
   * made, because the caller gets the outcome.
   *
   * @param data a JSON object, at most `events.maxPayloadBytes`
   * @throws InvalidQueryError for an invalid context; it names the field
   * @throws TenantRequiredError if no tenant is given and `events.defaultTenantId` is not set
   * @throws EventRefusedError if `data` is not an object, is cyclic, has a BigInt or is too large
   * @throws ScriptNotFoundError for an unknown id, or one of another tenant
   * @throws ScriptNotRunnableError if the script is not active
   */
  async execute(scriptId: string, data: unknown, context: ManualContext = {}): Promise<ExecutionResult> {
    checkRunContext(context);
    const tenantId = context.tenantId ?? this.options.events.defaultTenantId;
    if (!tenantId) throw new TenantRequiredError('ExecutionService.execute');
    const event = manualEvent(scriptId, tenantId, data, context, this.options.events, this.clock);
    return this.byHand({ event, trigger: 'manual', signal: context.signal });
  }

  /**
   * Repeats a past execution now, with the input that `storage.keepInput` has kept, on the script's current version.
   * Resolves as {@link execute} does. The event keeps its type, time and actor, but gets a new id and idempotency key,
   * so that services that remove duplicates do the work again. The record has the trigger `replay`, `requestedBy` and
   * `replayOf`. Works for completed executions, and for those that were started by hand.
   *
   * @throws InvalidQueryError for invalid options; it names the field
   * @throws ExecutionNotFoundError for an unknown id, or one of another tenant
   * @throws ExecutionNotReplayableError for a test run, or a failed execution whose event has a dead letter: replay
   * that
   * @throws ExecutionInputNotKeptError if `storage.keepInput` was off at the time
   * @throws ScriptNotFoundError if the script was deleted
   * @throws ScriptNotRunnableError if the script is not active, or is degraded and already running
   */
  async replay(
    tenantId: string,
    executionId: string,
    options: ReplayExecutionOptions,
  ): Promise<ExecutionResult> {
    checkReplayOptions(options);
    const { by: requestedBy, signal } = options;
    const past = await this.get(tenantId, executionId);
    const event = replayedEvent(past, this.options.events, this.clock);
    const { id: replayOf, traceId, spanId } = past;
    const before = traceId && spanId ? { traceId, spanId } : undefined;
    return this.byHand({ event, trigger: 'replay', replayOf, requestedBy, before, signal });
  }

  /**
   * Carries out one execution for the buffer or the retry worker.
   *
   * @throws ScriptStorageAwayError when what is needed to run it is not in memory and the database is unavailable:
   * nothing ran. With a durable buffer also when the published events cannot be stored, and with `recording: 'must'`
   * when the record cannot.
   * @internal
   */
  run(request: ExecutionRequest, recording: Recording): Promise<ExecutionResult | ExecutionNotRun> {
    return inOwnContext(() => this.runOnce(request, recording));
  }

  private async runOnce(
    request: ExecutionRequest,
    recording: Recording,
  ): Promise<ExecutionResult | ExecutionNotRun> {
    const { event } = request;
    const looked = this.scripts.forEvent(event);
    const found = looked instanceof Promise ? await looked : looked;
    if ('status' in found) return found;
    const { script, source } = found;
    // Nothing may be awaited from here to `running.add`: two simultaneous calls would both find nothing running.
    const alone = script.degraded && !BY_HAND.has(request.trigger);
    if (alone && this.running.has(script.id)) return { status: 'not-run', reason: 'busy' };

    const executionId = uuid();
    const started = this.clock.now();
    const times: RunTimes = { startedAt: started, queueMs: Math.max(0, started - event.enqueuedAt) };
    const cancellation = new Cancellation(request.signal);
    this.running.add(runningExecution(executionId, event, script, started), cancellation);
    const span = this.spans.run(request, script.version, executionId, times.queueMs);
    const { keepInput } = this.options.storage;
    const recordOf = (how: Outcome): RunRecord => {
      const facts = {
        startedAt: started,
        queueMs: times.queueMs,
        finishedAt: this.clock.now(),
        keepInput,
        span: span.reference,
      };
      return executionRecord(executionId, request, script.version, how, facts);
    };
    let ended: EndedRun;
    try {
      const idempotencyKey = idempotencyKeyOf(event);
      const { lease } = request;
      const run = { executionId, idempotencyKey, event, script, source, signal: cancellation, lease, span };
      ended = await spanned(span, this.runs.run(run, cancellation, recordOf), outcomeOf);
    } finally {
      this.running.remove(executionId);
    }
    request.ended?.();
    const { outcome, stored } = ended;
    const record = stored?.record ?? recordOf(outcome);
    const publication = stored
      ? stored.publication
      : publicationOf(record, script.name, event, outcome, span.trace);
    // Done before the record is stored: after a crash in between, the event is delivered again, and what it publishes
    // then is recognised by its ids.
    const published = stored ? stored.published : publication && (await this.publisher.publish(publication));
    // Waits if storage is so far behind that the record would be dropped.
    if (!stored && this.writer.isFullFor(script.tenantId)) await this.writer.whenReady(script.tenantId);
    const storing = stored ? undefined : this.writer.add(record, recording === 'awaited');
    this.count(request, outcome, times);
    this.observer.ended({
      executionId,
      tenantId: script.tenantId,
      scriptId: script.id,
      version: script.version,
      trigger: request.trigger,
      error: outcome.status === 'failed' ? outcome.error : null,
    });
    if (storing && recording !== 'later') await this.recorded(storing, recording);
    if (publication && published) this.publisher.tell(publication, published);
    return report(this.host, record, outcome);
  }

  /**
   * The id of the execution in which a script completed for an event, or null. The durable buffer asks before it runs
   * an event that was delivered again.
   *
   * @internal
   */
  async completionOf(tenantId: string, scriptId: string, eventId: string): Promise<string | null> {
    return this.executions.completionOf(tenantId, scriptId, eventId);
  }

  /**
   * One execution with its logs, result and error.
   *
   * @throws ExecutionNotFoundError for an unknown id, or one of another tenant
   * @throws InvalidQueryError without a tenant
   */
  async get(tenantId: string, executionId: string): Promise<ExecutionRecord> {
    checkTenant(tenantId);
    return this.executions.get(tenantId, executionId);
  }

  /** A tenant's executions that have ended, newest first. @throws InvalidQueryError */
  async list(
    tenantId: string,
    filter?: ExecutionFilter,
    page?: PageRequest,
  ): Promise<Page<ExecutionSummary>> {
    checkTenant(tenantId);
    return this.executions.list(tenantId, filter, page);
  }

  /** The tenant's executions that are running in this process, oldest first. @throws InvalidQueryError */
  listRunning(tenantId: string): RunningExecution[] {
    checkTenant(tenantId);
    return this.running.list(tenantId);
  }

  /**
   * One running execution. @throws ExecutionNotRunningError if this process doesn't run it, or it belongs to another
   * tenant
   */
  getRunning(tenantId: string, executionId: string): RunningExecution {
    const found = this.listRunning(tenantId).find((execution) => execution.executionId === executionId);
    if (!found) throw new ExecutionNotRunningError(executionId);
    return found;
  }

  /**
   * Cancels a running execution of the tenant in any process: the script ends when it yields, or its sandbox process
   * is killed. The record gets the status `cancelled` and the name of who did it. The event becomes an exhausted dead
   * letter, which a person can replay or discard. Resolves when the process that runs the execution has begun to end
   * it: at once for this process, otherwise when the other process has answered, within 2 seconds.
   *
   * @throws InvalidQueryError for invalid options; it names the field
   * @throws ExecutionNotRunningError if the execution has ended, or no process runs such an execution of the tenant
   * @throws CancelUnconfirmedError if other processes were asked, but this process can't receive their answers now
   */
  async cancel(tenantId: string, executionId: string, options: { by: string }): Promise<void> {
    checkTenant(tenantId);
    checkFields('the options', options, ['by']);
    checkBy(options.by);
    if (this.running.cancel(tenantId, executionId, options.by)) return;
    if (!isUuid(executionId) || (await this.hasEnded(tenantId, executionId)))
      throw new ExecutionNotRunningError(executionId);
    // A request for another tenant's execution takes the same path, and no process answers it.
    if (!(await this.elsewhere.cancel(tenantId, executionId, options.by)))
      throw new ExecutionNotRunningError(executionId);
  }

  private async hasEnded(tenantId: string, executionId: string): Promise<boolean> {
    try {
      return Boolean(await this.executions.get(tenantId, executionId));
    } catch (error) {
      if (error instanceof ExecutionNotFoundError) return false;
      throw error;
    }
  }

  private async byHand(request: ExecutionRequest): Promise<ExecutionResult> {
    const { tenantId, scriptId } = request.event;
    await this.scripts.checkRunnable(tenantId, scriptId);
    const trace = this.spans.active();
    const event = trace ? { ...request.event, trace } : request.event;
    const result = await this.run({ ...request, event }, 'awaited');
    if (result.status === 'not-run') throw new ScriptNotRunnableError(scriptId, result.reason);
    return result;
  }

  private async recorded(storing: Promise<void>, recording: Recording): Promise<void> {
    try {
      await storing;
    } catch (error) {
      // The writer has counted and logged the loss. An error here would make the caller run the script again, and the
      // database would refuse the record again.
      if (recording === 'must' && !(error instanceof WriteRefusedError)) throw error;
    }
  }

  private count({ event }: ExecutionRequest, outcome: Outcome, { queueMs }: RunTimes): void {
    this.metrics.executionFinished(event.type, outcome.status, outcome.metrics.durationMs, queueMs);
    if (outcome.status === 'failed') this.metrics.executionFailed(event.type, outcome.error.kind);
  }
}

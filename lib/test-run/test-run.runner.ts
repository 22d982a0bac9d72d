import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { BindingRegistry, notAllowed } from '../bindings/binding.registry.js';
import { answerOf } from '../bindings/stand-ins.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import { BindingCallError } from '../common/binding-call.error.js';
import type { JsonValue } from '../common/json.js';
import { Clock } from '../common/clock.js';
import type { EventTrace } from '../common/event-trace.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import { type CallBinding, type Outcome, ScriptSandbox } from '../sandbox/index.js';
import { RunStore } from '../store/run-store.js';
import { StoreReader } from '../store/store.reader.js';
import type { TestRunRequest } from './test-run.request.js';
import type { TestRunOutcome } from './test-run.types.js';
import { executionRecord } from '../execution/execution.record.js';
import { ExecutionWriter } from '../execution/execution.writer.js';
import { type SandboxRunRequest, SandboxRuns } from '../execution/sandbox-runs.js';
import { spanned } from '../execution/spanned.js';
import { ScriptSpans } from '../tracing/script-spans.js';

/**
 * Runs a script as a test: in the same sandbox and with the same limits as a real run, but without its effects outside.
 */
@Injectable()
export class TestRunner {
  constructor(
    private readonly sandbox: ScriptSandbox,
    private readonly writer: ExecutionWriter,
    private readonly runs: SandboxRuns,
    private readonly registry: BindingRegistry,
    private readonly store: StoreReader,
    private readonly clock: Clock,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    private readonly spans: ScriptSpans,
  ) {}

  /**
   * Resolves when the script has ended and its record, if any, is stored. There is no dead letter, no emitter event, no
   * published event and no metric. `executionId` is null if nothing was stored.
   */
  async run(request: TestRunRequest): Promise<TestRunOutcome & { executionId: string | null }> {
    const executionId = uuid();
    const startedAt = this.clock.now();
    const { script, signal, useSecrets } = request;
    const event = testedEvent(request, startedAt, this.spans.active());
    const span = this.spans.run({ event, trigger: 'test' }, script.version, executionId, 0);
    const run = { executionId, idempotencyKey: testKey(executionId), event, script, signal, span };
    const prepared: SandboxRunRequest = {
      ...run,
      source: script.source,
      refuseSecrets: useSecrets ? undefined : secretsRefused,
      around: (callForReal, shown) => this.callsOf(request, callForReal, shown),
    };
    // The run reads stored values. Only the run itself sees its writes; they are never committed.
    const store = new RunStore(this.store, { tenantId: event.tenantId, scriptId: script.id });
    const ran = this.runs.run(this.sandbox, prepared, () => store);
    const outcome = await spanned(span, ran, (ended) => ended);
    const stored = request.recorded && (await this.record(run, outcome));
    const { logs, published, metrics } = outcome;
    const end =
      outcome.status === 'completed'
        ? ({ status: 'completed', result: outcome.result } as const)
        : ({ status: 'failed', error: outcome.error } as const);
    return { executionId: stored ? executionId : null, logs, published, metrics, end };
  }

  /** If the script may not call a binding at all, the call rejects with that reason first, as in a real run. */
  private callsOf(
    { script, bindings: { standIns, call } }: TestRunRequest,
    callForReal: CallBinding,
    shown: (input: JsonValue) => JsonValue,
  ): CallBinding {
    return async (name, input, signal) => {
      if (!script.bindings?.includes(name)) throw notAllowed(name);
      const own = standIns.get(name);
      if (own) {
        await this.registry.checkInput(name, input);
        return answerOf(name, own, shown(input));
      }
      if (call === 'all' || call.includes(name)) return callForReal(name, input, signal);
      throw new BindingCallError(
        'test-run',
        `${name} is not called in a test run because it may have side effects`,
      );
    };
  }

  /** False if the record could not be stored. The writer then logs and counts it. */
  private async record({ executionId, event, script, span }: TestedRun, outcome: Outcome): Promise<boolean> {
    const { keepInput } = this.options.storage;
    const finishedAt = this.clock.now();
    const facts = { startedAt: event.enqueuedAt, queueMs: 0, finishedAt, keepInput, span: span.reference };
    const request = { event, trigger: 'test' as const };
    const record = executionRecord(executionId, request, script.version, outcome, facts);
    const storing = this.writer.add({ ...record, idempotencyKey: testKey(executionId) });
    return storing.then(
      () => true,
      () => false,
    );
  }
}

/** A test run under way. */
type TestedRun = Pick<SandboxRunRequest, 'executionId' | 'event' | 'script' | 'span'>;

/** The event as if it had not waited in the buffer. */
const testedEvent = (
  { script, event }: TestRunRequest,
  enqueuedAt: number,
  trace: EventTrace | undefined,
): QueuedEvent => ({
  ...event,
  // The trace of the test's request, not the past event's.
  trace,
  scriptId: script.id,
  attempt: 1,
  enqueuedAt,
});

/**
 * An idempotency key that no real run has. Otherwise a service that knew it would take the next real run for a
 * repetition.
 */
const testKey = (executionId: string): string => `test:${executionId}`;

const secretsRefused = (): BindingCallError =>
  new BindingCallError('test-run', 'Secrets are not used in a test run unless it is asked for');

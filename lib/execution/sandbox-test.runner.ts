import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { BindingRegistry, notAllowed } from '../bindings/binding.registry.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import { BindingCallError } from '../common/binding-call.error.js';
import { Clock } from '../common/clock.js';
import { EventRegistry } from '../events/event-registry.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import { type CallBinding, type Outcome, type SandboxRun, ScriptSandbox } from '../sandbox/index.js';
import { TestRunner, type TestRunRequest } from '../scripts/test-runner.js';
import type { TestRunOutcome } from '../scripts/test-run.types.js';
import { executionRecord } from './execution.record.js';
import { ExecutionWriter } from './execution.writer.js';
import { limitsOf } from './script-limits.js';

/** Runs a script as a test: in the same sandbox under the same limits, and with none of what follows a real run. */
@Injectable()
export class SandboxTestRunner extends TestRunner {
  constructor(
    private readonly sandbox: ScriptSandbox,
    private readonly writer: ExecutionWriter,
    private readonly registry: EventRegistry,
    private readonly bindings: BindingRegistry,
    private readonly clock: Clock,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {
    super();
  }

  async run(request: TestRunRequest): Promise<TestRunOutcome & { executionId: string | null }> {
    const executionId = uuid();
    const startedAt = this.clock.now();
    const outcome = await this.sandbox.run(this.sandboxRun(executionId, request));
    const stored = request.recorded && (await this.record(executionId, request, outcome, startedAt));
    const { logs, published, metrics } = outcome;
    const end =
      outcome.status === 'completed'
        ? ({ status: 'completed', result: outcome.result } as const)
        : ({ status: 'failed', error: outcome.error } as const);
    return { executionId: stored ? executionId : null, logs, published, metrics, end };
  }

  private sandboxRun(executionId: string, request: TestRunRequest): SandboxRun {
    const { tenantId, script, event, signal } = request;
    const { id, type, occurredAt, depth, actorId, payload } = event;
    return {
      source: script.source,
      inputText: payload,
      tenantId,
      scriptId: script.id,
      scriptName: script.name,
      version: script.version,
      event: { id, type, occurredAt, depth },
      actor: actorId === null ? null : { id: actorId },
      execution: { id: executionId, attempt: 1, idempotencyKey: testKey(executionId) },
      limits: limitsOf(script.limits, this.options.sandbox),
      signal,
      bindings: this.bindings.names(),
      callBinding: request.callBindings ? this.callFor(executionId, request) : refuseFor(request),
      reservedEventTypes: this.registry.types(),
    };
  }

  private callFor(executionId: string, { tenantId, script, event }: TestRunRequest): CallBinding {
    const context = {
      tenantId,
      scriptId: script.id,
      scriptName: script.name,
      scriptVersion: script.version,
      executionId,
      attempt: 1,
      idempotencyKey: testKey(executionId),
      event: Object.freeze({ id: event.id, type: event.type }),
      actorId: event.actorId,
    };
    const run = { context, allowed: script.bindings };
    return (name, input, ending) => this.bindings.call(name, input, run, ending);
  }

  /** False when storage refuses it, which the writer counts and logs. */
  private async record(
    executionId: string,
    { tenantId, script, event }: TestRunRequest,
    outcome: Outcome,
    startedAt: number,
  ): Promise<boolean> {
    const tested: QueuedEvent = {
      tenantId,
      scriptId: script.id,
      eventId: event.id,
      eventType: event.type,
      payload: event.payload,
      occurredAt: event.occurredAt,
      actorId: event.actorId,
      cause: { rootEventId: event.id, depth: event.depth, budget: 0, chain: [] },
      attempt: 1,
      enqueuedAt: startedAt,
    };
    const { keepInput } = this.options.storage;
    const record = executionRecord(executionId, { event: tested, trigger: 'test' }, script.version, outcome, {
      startedAt,
      queueMs: 0,
      finishedAt: this.clock.now(),
      keepInput,
    });
    const storing = this.writer.add({ ...record, idempotencyKey: testKey(executionId) });
    return storing.then(
      () => true,
      () => false,
    );
  }
}

/** Another one than that of the event's real runs: a service that knew it would take the next real run for a repetition. */
const testKey = (executionId: string): string => `test:${executionId}`;

/** A script that may not call the binding hears that first: it is the same in a real run. */
const refuseFor =
  ({ script }: TestRunRequest): CallBinding =>
  async (name) => {
    if (!script.bindings?.includes(name)) throw notAllowed(name);
    throw new BindingCallError('test-run', `${name} is not called in a test run, as it may have effects`);
  };

import { Inject, Injectable } from '@nestjs/common';
import { BindingRegistry } from '../bindings/binding.registry.js';
import type { BindingRun } from '../bindings/binding-context.js';
import type { BindingCallError } from '../common/binding-call.error.js';
import { storeCallOf } from '../common/built-in-calls.js';
import { JsonText, type JsonValue } from '../common/json.js';
import type { RunLease } from '../common/run-lease.js';
import type { QueuedEvent } from '../buffer/queued-event.js';
import type { ScriptLimits } from '../entities/index.js';
import { EventRegistry } from '../events/event-registry.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';
import type { CallBinding, Outcome, SandboxRun, ScriptSandbox, StopSignal } from '../sandbox/index.js';
import type { RunSecrets } from '../secrets/run-secrets.js';
import { digest, isDigestCall } from '../secrets/sdk-digest.js';
import type { RunStore } from '../store/run-store.js';
import type { ScriptSpan } from '../tracing/script-span.js';
import { maskedOutcome } from './masked-outcome.js';
import { RunValues, type ValuesOfRun } from './run-values.js';

/** A version of a script to run. */
export interface RunnableScript {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly limits: Readonly<ScriptLimits> | null;
  /** Names of the bindings it may call; null means none. */
  readonly bindings: readonly string[] | null;
  /** Names of the secrets it may use; null means none. */
  readonly secrets: readonly string[] | null;
}

/** A run to carry out. */
export interface SandboxRunRequest {
  executionId: string;
  idempotencyKey: string;
  event: QueuedEvent;
  script: RunnableScript;
  /** JavaScript. */
  source: string;
  signal: StopSignal | undefined;
  lease?: RunLease | undefined;
  /** The span of the run. */
  span: ScriptSpan;
  /**
   * Replaces or wraps calls of bindings. Left out: bindings are called directly. `shown` is the input with secrets
   * masked.
   */
  around?: (callForReal: CallBinding, shown: (input: JsonValue) => JsonValue) => CallBinding;
  /** Makes the error for the use of a secret, in a run that may not use any. */
  refuseSecrets?: (() => BindingCallError) | undefined;
}

type RunBounds = Readonly<{ timeoutMs: number; memoryMb: number }>;
/** Used for scripts without limits of their own. */
const NONE = Object.freeze({});

/** Prepares runs for the sandbox: the script with its limits, its `ctx`, and the calls that it may make. */
@Injectable()
export class SandboxRuns {
  /** Computed at the first use. Nothing runs before the application has started, and then all types are known. */
  private reservedEventTypes: readonly string[] | undefined;
  /** Limits by the limits object of the script, so that the sandbox gets the same object for each run. */
  private readonly known = new WeakMap<object, RunBounds>();

  constructor(
    private readonly registry: EventRegistry,
    private readonly bindings: BindingRegistry,
    private readonly values: RunValues,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  /**
   * Runs the script with the current secrets and variables of its tenant. Only the script sees markers of secrets.
   *
   * @param storeOf returns the store as this run sees it
   * @throws ScriptStorageAwayError if the values are not in memory and the database is unavailable; nothing ran
   */
  async run(
    sandbox: Pick<ScriptSandbox, 'run'>,
    request: SandboxRunRequest,
    storeOf: () => RunStore,
  ): Promise<Outcome> {
    const read = this.values.of(request);
    const values = read instanceof Promise ? await read : read;
    const outcome = await sandbox.run(this.make(request, values, storeOf));
    return values?.secrets ? maskedOutcome(outcome, values.secrets) : outcome;
  }

  private make(
    request: SandboxRunRequest,
    values: ValuesOfRun | undefined,
    storeOf: () => RunStore,
  ): SandboxRun {
    const { executionId, idempotencyKey, event, script, source, signal } = request;
    return {
      source,
      input: new JsonText(event.payload),
      tenantId: event.tenantId,
      scriptId: script.id,
      scriptName: script.name,
      version: script.version,
      event: {
        id: event.id,
        type: event.type,
        occurredAt: event.occurredAt,
        depth: event.cause.depth,
      },
      actor: event.actor,
      execution: { id: executionId, attempt: event.attempt, idempotencyKey },
      limits: this.limitsOf(script),
      signal,
      // All secrets of the tenant, not only those of the script, so that the error for a forbidden one can say what
      // to change.
      bindings: this.bindings.names(),
      callBinding: this.callsOf(request, values?.secrets, storeOf),
      secrets: values?.secrets,
      variablesText: values?.variablesText,
      reservedEventTypes: (this.reservedEventTypes ??= this.registry.types()),
    };
  }

  private callsOf(
    request: SandboxRunRequest,
    secrets: RunSecrets | undefined,
    storeOf: () => RunStore,
  ): CallBinding {
    let calls: CallBinding | undefined;
    return (name, input, ending) => {
      if (isDigestCall(name)) return digest(name, input, secrets);
      // Secrets are masked, because anybody may read the store later.
      if (storeCallOf(name)) return storeOf().call(name, secrets ? secrets.maskValue(input) : input);
      // Created at the first call, because most runs make no calls.
      calls ??= this.bindingsOf(request, secrets);
      return calls(name, input, ending);
    };
  }

  private bindingsOf(request: SandboxRunRequest, secrets: RunSecrets | undefined): CallBinding {
    const { script, lease, around, span } = request;
    const context = contextOf(request);
    const run: BindingRun = { context, lease, allowed: script.bindings, secrets, span };
    const real: CallBinding = (name, input, ending) => this.bindings.call(name, input, run, ending);
    return around ? around(real, (input) => secrets?.maskValue(input) ?? input) : real;
  }

  /** A script's own limits, reduced to what the host allows now. */
  private limitsOf({ limits }: RunnableScript): RunBounds {
    const key = limits ?? NONE;
    const known = this.known.get(key);
    if (known) return known;
    const { timeoutMs, maxTimeoutMs, memoryMb, maxMemoryMb } = this.options.sandbox;
    const held = Object.freeze({
      timeoutMs: Math.min(limits?.timeoutMs ?? timeoutMs, maxTimeoutMs ?? Infinity),
      memoryMb: Math.min(limits?.memoryMb ?? memoryMb, maxMemoryMb),
    });
    if (Object.isFrozen(key)) this.known.set(key, held);
    return held;
  }
}

const contextOf = ({
  executionId,
  idempotencyKey,
  event,
  script,
  lease,
}: SandboxRunRequest): BindingRun['context'] => ({
  tenantId: event.tenantId,
  scriptId: script.id,
  scriptName: script.name,
  scriptVersion: script.version,
  executionId,
  attempt: event.attempt,
  idempotencyKey,
  event: Object.freeze({ id: event.id, type: event.type }),
  actorId: event.actor?.id ?? null,
  fencingToken: lease?.fencingToken ?? null,
});

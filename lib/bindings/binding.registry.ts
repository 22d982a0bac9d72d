import { quoted, valueInWords } from '../common/printable.js';
import { lineAbout } from '../common/log-line.js';
import { BindingCallError } from '../common/binding-call.error.js';
import { bindingNamesProblem } from '../common/binding-names.js';
import { byteLength, JsonText, type JsonValue } from '../common/json.js';
import type { ThrottledLog } from '../common/throttled-log.js';
import type { MetricsRecorder } from '../metrics/metrics.recorder.js';
import { suggestName } from '../common/suggest-name.js';
import { NOT_TRACED, type ScriptSpan } from '../tracing/script-span.js';
import { type CallableBinding, carryOut } from './binding-call.js';
import type { BindingRun } from './binding-context.js';
import type { BindingDefinition, DeclaredBinding } from './binding-definition.js';
import { BindingDeclarationError } from './binding.errors.js';
import { hasRules, readInput } from './binding-input.js';
import { type BindingWaits, CallsUnderWay } from './calls-under-way.js';
import { type BindingFailure, failureOf } from './binding-failure.js';
import type { SecretsInUse } from './binding-secrets.js';

/** The settings of bindings, from the options. */
export interface BindingSettings {
  /** Longest time of a call, in milliseconds. */
  readonly timeoutMs: number;
  /** Largest answer in bytes that the sandbox accepts. */
  readonly maxBytes: number;
}

/**
 * The bindings of one application, by name. Complete once the application has started.
 *
 * @publicApi
 */
export class BindingRegistry {
  private readonly bindings = new Map<string, CallableBinding>();
  private readonly underWay = new CallsUnderWay();
  private sorted: readonly BindingDefinition[] | undefined;
  private sortedNames: readonly string[] | undefined;

  /** @internal */
  constructor(
    private readonly settings: BindingSettings,
    private readonly metrics: MetricsRecorder,
    private readonly log: ThrottledLog,
  ) {}

  /** Logs the number of faults that were not logged one by one. @internal */
  onApplicationShutdown(): void {
    this.log.tell();
  }

  /**
   * Adds a binding.
   *
   * @throws BindingDeclarationError for a name that is invalid, is reserved, or conflicts with another binding's, and
   * for an invalid setting
   * @internal
   */
  declare({ timeoutMs, ...binding }: DeclaredBinding): void {
    this.refuseName(binding);
    refuseSettings(binding, timeoutMs);
    refuseSecrets(binding);
    const most = this.settings.timeoutMs;
    this.bindings.set(
      binding.name,
      Object.freeze({ ...binding, timeoutMs: Math.min(timeoutMs ?? most, most) }),
    );
    this.sorted = undefined;
    this.sortedNames = undefined;
  }

  /** Every binding, sorted by name. Frozen. */
  list(): readonly BindingDefinition[] {
    return (this.sorted ??= Object.freeze([...this.bindings.values()].toSorted(byName).map(definitionOf)));
  }

  /** Every name, sorted. Always the same frozen list, so that the sandbox need not check it again for each run. */
  names(): readonly string[] {
    return (this.sortedNames ??= Object.freeze(this.list().map(({ name }) => name)));
  }

  /** The bindings that runs of this application are waiting for now. */
  waits(): BindingWaits {
    return this.underWay.waits();
  }

  /** Why a script's list of bindings can't contain this name, and what to write instead; null if it can. */
  problemOf(name: string): string | null {
    if (this.bindings.has(name)) return null;
    const names = this.names();
    if (names.length === 0) return `Unknown binding ${quoted(name)}: this application has no bindings.`;
    const near = suggestName(name, names);
    const hint =
      near === undefined ? `Available: ${names.slice(0, 20).join(', ')}` : `Did you mean "${near}"?`;
    return `Unknown binding ${quoted(name)}. ${hint}`;
  }

  /**
   * Checks an input as the binding would, for a call that a stand-in answers.
   *
   * @throws BindingCallError `invalid-input`
   * @internal
   */
  async checkInput(name: string, input: JsonValue): Promise<void> {
    const inputClass = this.bindings.get(name)?.input;
    if (inputClass) await readInput(name, inputClass, input);
  }

  /**
   * Calls a binding for a run.
   *
   * @returns the answer as JSON text
   * @throws ScriptsEventError only with a message that the script may see
   * @internal
   */
  async call(name: string, input: JsonValue, run: BindingRun, signal: AbortSignal): Promise<JsonText> {
    const binding = this.bindings.get(name);
    // The sandbox passes declared names only; a metric label must not come from anywhere else.
    if (!binding) throw new BindingCallError('unknown', `Unknown binding ${name}`);
    const ended = this.underWay.begin(name, run);
    const span = (run.span ?? NOT_TRACED).call(name);
    try {
      if (!run.allowed?.includes(name)) throw notAllowed(name);
      const { secrets } = run;
      if (secrets) await admitSecrets(secrets, binding, input, this.settings.maxBytes);
      const plain = await carryOut(binding, input, run, signal, span);
      const answer = secrets ? new JsonText(secrets.maskJson(plain.text)) : plain;
      const isTooLarge = byteLength(answer.text) > this.settings.maxBytes;
      this.metrics.bindingCalled(name, isTooLarge ? 'limit' : 'ok');
      span.end(isTooLarge ? 'limit' : undefined);
      return answer;
    } catch (thrown) {
      throw this.failed(binding, thrown, run, signal, span);
    } finally {
      ended();
    }
  }

  private failed(
    { name, method }: CallableBinding,
    thrown: unknown,
    { context, secrets }: BindingRun,
    signal: AbortSignal,
    span: ScriptSpan,
  ): Error {
    const { shown, label, logged } = maskedFailure(failureOf(name, thrown), secrets);
    if (signal.aborted && !(signal.reason instanceof BindingCallError)) {
      // The run is over and nobody waits for the answer, so an error of the cancelled method is not a fault.
      this.metrics.bindingCalled(name, 'cancelled');
      span.end('cancelled');
      return shown;
    }
    this.metrics.bindingCalled(name, label);
    span.end(label);
    if (logged !== undefined) {
      const about = { ...context, eventId: context.event.id };
      this.log.warn(
        name,
        lineAbout(
          about,
          ({ script, ofTenant }) =>
            `Binding ${name} (${method}), called by script ${script}${ofTenant}: ${logged}`,
        ),
      );
    }
    return shown;
  }

  /** Refuses a name that is invalid, or conflicts with an earlier binding. The error then names both methods. */
  private refuseName({ name, method }: Pick<BindingDefinition, 'name' | 'method'>): void {
    const alone = bindingNamesProblem([name]);
    if (alone !== null) throw new BindingDeclarationError(name, [method], alone);
    for (const other of this.bindings.values()) {
      const problem = bindingNamesProblem([other.name, name]);
      if (problem !== null) throw new BindingDeclarationError(name, [other.method, method], problem);
    }
  }
}

function refuseSettings(
  { name, method, input }: Pick<BindingDefinition, 'name' | 'method' | 'input'>,
  timeoutMs: number | undefined,
): void {
  if (timeoutMs !== undefined && !(Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= 600_000)) {
    const problem = `timeoutMs = ${valueInWords(timeoutMs)} must be a whole number from 1 to 600000`;
    throw new BindingDeclarationError(name, [method], problem);
  }
  if (input && !hasRules(input)) {
    const problem = `input class ${input.name} has no class-validator decorators, so every input would be rejected; decorate its fields`;
    throw new BindingDeclarationError(name, [method], problem);
  }
}

function refuseSecrets({
  name,
  method,
  secrets,
}: Pick<DeclaredBinding, 'name' | 'method' | 'secrets'>): void {
  if (secrets === undefined || secrets === 'by-host' || typeof secrets === 'boolean') return;
  throw new BindingDeclarationError(
    name,
    [method],
    `secrets = ${valueInWords(secrets)} must be true or false`,
  );
}

const definitionOf = ({ invoke: _invoke, secrets, ...definition }: CallableBinding): BindingDefinition =>
  Object.freeze({ ...definition, secrets: Boolean(secrets) });

/** Runs before the binding gets the call. @throws BindingCallError for a secret in the input that may not go to it */
async function admitSecrets(
  secrets: SecretsInUse,
  { name, secrets: takes }: CallableBinding,
  input: JsonValue,
  maxBytes: number,
): Promise<void> {
  await secrets.open();
  const text = JSON.stringify(input);
  if (!secrets.isIn(text)) return;
  if (!takes) throw new BindingCallError('secret-not-allowed', `${name} takes no secrets`);
  if (takes === 'by-host') return;
  secrets.check(text, { binding: name });
  if (secrets.filledBytes(text) > maxBytes)
    throw new BindingCallError(
      'invalid-input',
      `The input of ${name} has more than ${maxBytes} bytes with the secrets in it`,
    );
}

/** An error's text is written by the host's code and may contain a value. */
function maskedFailure(failure: BindingFailure, secrets: SecretsInUse | undefined): BindingFailure {
  if (secrets === undefined) return failure;
  const { shown, logged, label } = failure;
  const message = secrets.mask(shown.message);
  const code = secrets.mask(shown.code);
  const { retryable } = shown;
  return {
    label,
    shown:
      message === shown.message && code === shown.code
        ? shown
        : new BindingCallError(code, message, { retryable }),
    logged: logged === undefined ? undefined : secrets.mask(logged),
  };
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

/** The error for a call of a binding that the script's list doesn't name. */
export const notAllowed = (name: string): BindingCallError =>
  new BindingCallError(
    'not-allowed',
    `This script isn't allowed to call ${name}: add "${name}" to its bindings`,
  );

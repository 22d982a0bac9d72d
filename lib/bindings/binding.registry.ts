import { quoted, valueInWords } from '../common/printable.js';
import { BindingCallError } from '../common/binding-call.error.js';
import { bindingNamesProblem } from '../common/binding-names.js';
import { byteLength, type JsonText, type JsonValue } from '../common/json.js';
import { scriptInWords } from '../common/script-in-words.js';
import type { ThrottledLog } from '../common/throttled-log.js';
import type { MetricsRecorder } from '../metrics/metrics.recorder.js';
import { suggestName } from '../common/suggest-name.js';
import { type CallableBinding, carryOut } from './binding-call.js';
import type { BindingRun } from './binding-context.js';
import type { BindingDefinition, DeclaredBinding } from './binding-definition.js';
import { BindingDeclarationError } from './binding.errors.js';
import { hasRules, readInput } from './binding-input.js';
import { type BindingWaits, CallsUnderWay } from './calls-under-way.js';
import { failureOf } from './binding-failure.js';

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

  /** Logs how many faults were not logged one by one. @internal */
  onApplicationShutdown(): void {
    this.log.tell();
  }

  /**
   * Enters a binding.
   *
   * @throws BindingDeclarationError for a name that is none, is reserved, or does not go with another one
   * @internal
   */
  declare({ timeoutMs, ...binding }: DeclaredBinding): void {
    this.refuseName(binding);
    refuseSettings(binding, timeoutMs);
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
   * Checks the input of a call that a stand-in answers, as the binding would.
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
   * @throws ScriptsEventError always one whose message the script may see
   * @internal
   */
  async call(name: string, input: JsonValue, run: BindingRun, signal: AbortSignal): Promise<JsonText> {
    const binding = this.bindings.get(name);
    // The sandbox passes declared names only; a metric label must not come from anywhere else.
    if (!binding) throw new BindingCallError('unknown', `Unknown binding ${name}`);
    const ended = this.underWay.begin(name, run);
    try {
      if (!run.allowed?.includes(name)) throw notAllowed(name);
      const answer = await carryOut(binding, input, run, signal);
      this.metrics.bindingCalled(name, byteLength(answer.text) > this.settings.maxBytes ? 'limit' : 'ok');
      return answer;
    } catch (thrown) {
      throw this.failed(binding, thrown, run, signal);
    } finally {
      ended();
    }
  }

  private failed(
    { name, method }: CallableBinding,
    thrown: unknown,
    { context }: BindingRun,
    signal: AbortSignal,
  ): Error {
    const { shown, label, logged } = failureOf(name, thrown);
    if (signal.aborted && !(signal.reason instanceof BindingCallError)) {
      // The run is over and nobody waits for the answer, so an error of the cancelled method is not a fault.
      this.metrics.bindingCalled(name, 'cancelled');
      return shown;
    }
    this.metrics.bindingCalled(name, label);
    if (logged !== undefined) {
      const caller = `called by script ${scriptInWords(context)}`;
      this.log.warn(name, `Binding ${name} (${method}), ${caller}: ${logged}`);
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

const definitionOf = ({ invoke: _invoke, ...definition }: CallableBinding): BindingDefinition =>
  Object.freeze(definition);

const byName = (a: BindingDefinition, b: BindingDefinition): number => (a.name < b.name ? -1 : 1);

/** The error for a call of a binding that the script's list doesn't name. */
export const notAllowed = (name: string): BindingCallError =>
  new BindingCallError(
    'not-allowed',
    `This script isn't allowed to call ${name}: add "${name}" to its bindings`,
  );

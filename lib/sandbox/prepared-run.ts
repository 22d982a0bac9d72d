import { randomUUID } from 'node:crypto';
import { isDeeperThan } from './bounded-text.js';
import { bindingNamesProblem } from '../common/binding-names.js';
import { isLargerThan } from '../common/byte-limits.js';
import { isBlank } from '../common/id.js';
import { JsonText } from '../common/json.js';
import { SandboxOptionsError } from './sandbox.errors.js';
import type { SandboxLimits } from './sandbox.limits.js';
import type { CallBinding, SandboxRun, StopSignal } from './sandbox-run.js';
import { valueInWords } from '../common/printable.js';

/** A run in the form that the pool works with: checked, and its values turned into text. */
export interface PreparedRun {
  readonly tenantId: string;
  readonly scriptId: string;
  readonly version: number;
  /** Names the isolate that the run needs, by its tenant and `memoryMb`. Two tenants never have the same name. */
  readonly home: string;
  /** Names the compiled source within the tenant, by the script's id, version and bindings. */
  readonly script: string;
  /** For reports about the run. */
  readonly scriptName: string | undefined;
  readonly source: string;
  /** `ctx` without its input. */
  readonly ctxText: string;
  readonly inputText: string;
  /** The tenant's variables, and the nonce and names of its secrets, as JSON; undefined if the run has neither. */
  readonly valuesText: string | undefined;
  readonly limits: SandboxLimits;
  readonly bindings: readonly string[];
  readonly callBinding: CallBinding | undefined;
  readonly reservedEventTypes: readonly string[];
  readonly signal: StopSignal | undefined;
  /** Why the run is refused before it reaches a process; undefined if it isn't. */
  readonly refusal: string | undefined;
}

const NONE: readonly string[] = [];
/** Frozen lists of bindings that have passed the check. Hosts pass the same list for run after run. */
const checkedBindings = new WeakSet<readonly string[]>();

/**
 * Checks a run and prepares it. Throws {@link SandboxOptionsError} if the caller made a mistake. A source or an input
 * that exceeds a limit becomes a `refusal`.
 */
export function prepareRun(run: SandboxRun, limits: SandboxLimits): PreparedRun {
  const { source, tenantId, scriptId, version, bindings = NONE } = run;
  requireText('source', source);
  requireId('tenantId', tenantId);
  requireId('scriptId', scriptId);
  if (!Number.isSafeInteger(version))
    throw new SandboxOptionsError(`version = ${valueInWords(version)} is not a whole number`);
  requireBindings(bindings, run.callBinding);
  const inputText = inputTextOf(run);
  return {
    tenantId,
    scriptId,
    scriptName: run.scriptName,
    version,
    home: `${limits.memoryMb} ${tenantId.length} ${tenantId}`,
    // Unambiguous, because names of bindings contain neither commas nor spaces.
    script: `${version} ${bindings.join(',')} ${scriptId}`,
    source,
    ctxText: ctxTextOf(run),
    inputText,
    valuesText: valuesTextOf(run),
    limits,
    bindings,
    callBinding: run.callBinding,
    reservedEventTypes: run.reservedEventTypes ?? NONE,
    signal: run.signal,
    refusal: refusalOf(source, inputText, limits),
  };
}

function requireText(name: string, value: unknown): void {
  if (typeof value !== 'string')
    throw new SandboxOptionsError(`${name} is ${typeof value}; it must be a string`);
}

/** Refuses blank text: the runs of all callers that lack an id would share an isolate, or a compiled source. */
function requireId(name: string, value: string): void {
  requireText(name, value);
  if (isBlank(value))
    throw new SandboxOptionsError(`${name} is ${value === '' ? 'empty' : 'blank'}; it must be an id`);
}

function requireBindings(bindings: readonly string[], callBinding: CallBinding | undefined): void {
  if (bindings.length === 0) return;
  if (callBinding === undefined)
    throw new SandboxOptionsError('bindings are named but callBinding is missing');
  if (checkedBindings.has(bindings)) return;
  const problem = bindingNamesProblem(bindings);
  if (problem !== null) throw new SandboxOptionsError(problem);
  if (Object.isFrozen(bindings)) checkedBindings.add(bindings);
}

function inputTextOf({ input, inputText }: SandboxRun): string {
  if (inputText === undefined && input instanceof JsonText) return input.text;
  try {
    if (inputText === undefined) return (JSON.stringify(input) as string | undefined) ?? 'null';
    JSON.parse(inputText);
    return inputText;
  } catch (cause) {
    const field = inputText === undefined ? "input can't be converted to JSON" : 'inputText is not JSON';
    throw new SandboxOptionsError(`${field}: ${(cause as Error).message}`, { cause });
  }
}

function valuesTextOf({ secrets, variablesText }: SandboxRun): string | undefined {
  if (secrets === undefined && variablesText === undefined) return undefined;
  try {
    if (variablesText !== undefined) JSON.parse(variablesText);
  } catch (cause) {
    throw new SandboxOptionsError(`variablesText is not JSON: ${(cause as Error).message}`, { cause });
  }
  return `{"secrets":${JSON.stringify(secrets ?? null)},"vars":${variablesText ?? 'null'}}`;
}

function ctxTextOf({ tenantId, actor, scriptId, scriptName, version, execution, event }: SandboxRun): string {
  return JSON.stringify({
    type: event ? event.type : null,
    tenant: { id: tenantId },
    actor: actor ? { id: actor.id } : null,
    script: { id: scriptId, name: scriptName ?? scriptId, version },
    execution: execution
      ? { id: execution.id, attempt: execution.attempt, idempotencyKey: execution.idempotencyKey }
      : newExecution(),
    event: event
      ? { id: event.id, type: event.type, occurredAt: event.occurredAt, depth: event.depth }
      : null,
  });
}

function newExecution(): { id: string; attempt: number; idempotencyKey: string } {
  const id = randomUUID();
  return { id, attempt: 1, idempotencyKey: id };
}

function refusalOf(source: string, inputText: string, limits: SandboxLimits): string | undefined {
  if (isLargerThan(source, limits.sourceBytes)) {
    return `The source is larger than sourceBytes = ${limits.sourceBytes}`;
  }
  if (isLargerThan(inputText, limits.inputBytes)) {
    return `The input is larger than inputBytes = ${limits.inputBytes}`;
  }
  if (isDeeperThan(inputText, limits.depth)) {
    return `The input nests deeper than depth = ${limits.depth}`;
  }
  return undefined;
}

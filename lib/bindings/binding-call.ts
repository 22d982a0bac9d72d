import { BindingCallError } from '../common/binding-call.error.js';
import { FairTimer } from '../common/fair-timer.js';
import { JsonText, type JsonValue } from '../common/json.js';
import { inOwnContext } from '../common/own-context.js';
import type { ScriptSpan } from '../tracing/script-span.js';
import type { BindingContext, BindingRun } from './binding-context.js';
import type { BindingDefinition, DeclaredBinding } from './binding-definition.js';
import { readInput } from './binding-input.js';
import { CallSecrets, NO_SECRETS } from './binding-secrets.js';

/** A binding with everything that a call needs. */
export type CallableBinding = Omit<BindingDefinition, 'secrets'> &
  Pick<DeclaredBinding, 'invoke' | 'secrets'>;

/**
 * Makes one call, which ends after the binding's `timeoutMs` or with its run. The method sees only the async context of
 * the call's span, because a run belongs to no request.
 *
 * @throws BindingCallError for an invalid input, a timeout or a result that is not JSON; the reason of `signal` if the
 * run ends first; LeaseLostError if another process may have taken over the run; and whatever the method throws
 */
export async function carryOut(
  binding: CallableBinding,
  input: JsonValue,
  run: BindingRun,
  signal: AbortSignal,
  span: ScriptSpan,
): Promise<JsonText> {
  const { name, timeoutMs } = binding;
  const ended = new AbortController();
  let fail!: (reason: unknown) => void;
  // Not a listener of `ended.signal`, which would take as long as the rest of this function.
  const over = new Promise<never>((_, reject) => (fail = reject));
  const end = (reason: unknown): void => {
    fail(reason);
    // The listeners of this signal are the host's code.
    inOwnContext(() => ended.abort(reason));
  };
  const forward = (): void => end(signal.reason);
  const timer = new FairTimer(timeoutMs, () => end(tookTooLong(name, timeoutMs)));
  try {
    if (signal.aborted) forward();
    signal.addEventListener('abort', forward, { once: true });
    const answered = inOwnContext(() => span.within(() => answer(binding, input, run, ended.signal, span)));
    return toText(name, await Promise.race([answered, over]));
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', forward);
  }
}

async function answer(
  { name, input: inputClass, secrets: takesSecrets, invoke }: CallableBinding,
  input: JsonValue,
  run: BindingRun,
  signal: AbortSignal,
  span: ScriptSpan,
): Promise<unknown> {
  const checked = inputClass ? await readInput(name, inputClass, input) : input;
  // The last check before the call: a process that was suspended may get the call's message before it learns that it
  // must stop.
  if (run.lease) await run.lease.assure();
  signal.throwIfAborted();
  const secrets = takesSecrets && run.secrets ? new CallSecrets(run.secrets, name) : NO_SECRETS;
  const about = run.context;
  // Each field is named, because spreading another object into this one would take microseconds.
  const context: BindingContext = Object.freeze({
    tenantId: about.tenantId,
    scriptId: about.scriptId,
    scriptName: about.scriptName,
    scriptVersion: about.scriptVersion,
    executionId: about.executionId,
    attempt: about.attempt,
    idempotencyKey: about.idempotencyKey,
    event: about.event,
    actorId: about.actorId,
    fencingToken: about.fencingToken,
    signal,
    secrets,
  });
  const call = invoke as (input: unknown, context: BindingContext, span: ScriptSpan) => unknown;
  return call(checked, context, span);
}

function tookTooLong(name: string, timeoutMs: number): BindingCallError {
  const message = `${name} took longer than its timeoutMs = ${timeoutMs}`;
  return new BindingCallError('timeout', message, { retryable: true });
}

/** The answer as the script gets it: dates become text, and values without a JSON form are left out. */
function toText(name: string, result: unknown): JsonText {
  try {
    return new JsonText((JSON.stringify(result) as string | undefined) ?? 'null');
  } catch (cause) {
    const message = `${name}: the binding returned a value that can't be converted to JSON; report this to the operator of the application`;
    throw new BindingCallError('invalid-result', message, { cause });
  }
}

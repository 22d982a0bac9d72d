import type { JsonText, JsonValue } from '../common/json.js';
import type { SandboxLimits } from './sandbox.limits.js';

/**
 * Cancels a run: an `AbortSignal`, or any object with these members.
 *
 * @publicApi
 */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * Answers a script's binding call with a JSON value, or with a {@link JsonText} if the caller already has the text;
 * undefined means null. If it rejects, the call rejects in the script with a `BindingError`, which has the code and
 * message of a `ScriptsEventError` and says nothing of any other error. `signal` aborts if the call takes longer than
 * `bindingTimeoutMs` or the run ends first; a later answer is ignored.
 */
export type CallBinding = (
  name: string,
  args: JsonValue,
  signal: AbortSignal,
) => Promise<JsonValue | JsonText | undefined>;

/**
 * One run of one script.
 *
 * @publicApi
 */
export interface SandboxRun {
  /**
   * Body of an async function, so `return` and `await` work at top level. `ctx`, `sdk`, `events`, `console`, `store`,
   * `secrets`, `vars` and the bindings are in scope.
   */
  source: string;
  /**
   * `ctx.input`: a JSON value or a {@link JsonText}; missing means null. If the text of the `JsonText` is not JSON, the
   * run ends as `rejected`.
   */
  input?: JsonValue | JsonText | undefined;
  /**
   * `ctx.input` as JSON text, used instead of `input`. `run` parses the text to check it, and rejects with a
   * `SandboxOptionsError` if it is not JSON.
   */
  inputText?: string;
  /** `ctx.tenant.id`; not blank. Runs of different tenants never share an isolate. */
  tenantId: string;
  /** `ctx.script.id`; not blank. */
  scriptId: string;
  /** `ctx.script.version`: a whole number that changes whenever the source changes. */
  version: number;
  /** `ctx.script.name`. Default: the script's id. */
  scriptName?: string;
  /** `ctx.event`, and `ctx.type` from its type; missing means null for both. `occurredAt` is ISO 8601 text. */
  event?: { id: string; type: string; occurredAt: string; depth: number };
  /** `ctx.actor`: who caused the event; missing means null. */
  actor?: { id: string } | null;
  /** `ctx.execution`. Default: a new id, which is also the idempotency key, and attempt 1. */
  execution?: { id: string; attempt: number; idempotencyKey: string };
  /** Limits of this run. Default for each: the limit of the sandbox. */
  limits?: Partial<SandboxLimits>;
  /** Ends the run as `cancelled`, even while the run waits for a process. */
  signal?: StopSignal;
  /**
   * Names of the bindings that the script may call, with dots: it calls `crm.findClient` as
   * `await crm.findClient({ … })`. Other bindings do not exist for it. Default: none.
   */
  bindings?: readonly string[];
  /**
   * Answers the calls of bindings, `store`, `sdk.hash` and `sdk.hmac`. Required if `bindings` is not empty. Without it,
   * those calls reject with a `BindingError`.
   */
  callBinding?: CallBinding;
  /**
   * The names of the secrets that the script may use. The script sees a marker in place of a value: `secrets.token` is
   * the text `_secret_<nonce>_<index of the name>_`. The arguments that `callBinding` gets and the outcome may contain
   * markers. Draw a new `nonce` of 32 hexadecimal digits for each run. Default: no secrets.
   */
  secrets?: { readonly nonce: string; readonly names: readonly string[] } | undefined;
  /**
   * The script's `vars`: one object as JSON text. `run` rejects with a `SandboxOptionsError` if the text is not JSON.
   * Default: no variables.
   */
  variablesText?: string | undefined;
  /**
   * Event types that the script may not publish, besides `schedule`, `script` and every type that starts with
   * `script.`. A name that ends in `.*` stands for every type with that prefix. `events.publish` throws an
   * `EventTypeError` for such a type. Default: none.
   */
  reservedEventTypes?: readonly string[];
}

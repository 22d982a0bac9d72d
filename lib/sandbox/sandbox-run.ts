import type { JsonText, JsonValue } from '../common/json.js';
import type { SandboxLimits } from './sandbox.limits.js';

/**
 * Ends a run from outside: an `AbortSignal`, or any object with these members.
 *
 * @publicApi
 */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * Answers a script's binding call with JSON, or with JSON text if the caller already has it. `signal` aborts when the
 * call or the run is over; late answers are dropped.
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
  /** Body of an async function: `return` and `await` at top level, `ctx`, `sdk`, `events`, `console` in scope. */
  source: string;
  /** `ctx.input`: any JSON value, or its JSON text; missing means null. A run whose text is no JSON ends as `rejected`. */
  input?: JsonValue | JsonText | undefined;
  /** `ctx.input` as text; used instead of `input`. Checked before the run, which takes as long as to parse it. */
  inputText?: string;
  /** `ctx.tenant.id`; it decides which isolate is used. */
  tenantId: string;
  scriptId: string;
  /** Changes whenever the source changes. */
  version: number;
  /** `ctx.script.name`; default the script's id. */
  scriptName?: string;
  /** `ctx.event` and, of its type, `ctx.type`; missing means null for both. `occurredAt` is ISO 8601 text. */
  event?: { id: string; type: string; occurredAt: string; depth: number };
  /** `ctx.actor`: who caused the event; missing means null. */
  actor?: { id: string } | null;
  /** `ctx.execution`; missing means a fresh id and attempt 1. */
  execution?: { id: string; attempt: number; idempotencyKey: string };
  /** Limits of this run; what is left out comes from the sandbox. */
  limits?: Partial<SandboxLimits>;
  /** Ends the run as `cancelled`, also while it waits for a process. */
  signal?: StopSignal;
  /** Names the script may call, dotted: `crm.findClient` is `await crm.findClient({ … })`. Others do not exist for it. */
  bindings?: readonly string[];
  /** Answers the calls, those of `store`, `sdk.hash` and `sdk.hmac` among them; needed when `bindings` is not empty. */
  callBinding?: CallBinding;
  /**
   * What stands for secrets in the script's texts: `secrets.token` is the marker `_secret_<nonce>_<index of the name>_`, which
   * `callBinding` gets in arguments, and which may be in the outcome. Draw a nonce of 32 hexadecimal digits for each run.
   * Missing means none.
   */
  secrets?: { readonly nonce: string; readonly names: readonly string[] } | undefined;
  /** The script's `vars`, one object as JSON text; missing means none. */
  variablesText?: string | undefined;
  /**
   * Event types the script may not publish, besides every type that starts with `script.`. A name that ends in `.*`
   * refuses every type with that prefix. `events.publish` throws an `EventTypeError` at the call.
   */
  reservedEventTypes?: readonly string[];
}

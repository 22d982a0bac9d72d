import type { Type } from '@nestjs/common';
import { MethodMark } from '../common/decorated-methods.js';
import type { JsonValue } from '../common/json.js';
import type { BindingContext } from './binding-context.js';
import type { BindingResult } from './binding-definition.js';

/**
 * Settings of {@link ScriptBinding}.
 *
 * @publicApi
 */
export interface ScriptBindingOptions<Input extends object = object> {
  /**
   * Class with class-validator decorators that the input must satisfy. Fields that it doesn't declare are refused.
   * Default none: the method gets whatever JSON the script passes and must check it itself.
   */
  input?: Type<Input>;
  /**
   * Class of the return value, or `[Class]` for a list: for the types and the manual of script authors. It is not
   * checked, so return only what scripts may see.
   */
  result?: BindingResult;
  /** Milliseconds that a call may take. 1 to 600,000; default and upper limit: `sandbox.bindingTimeout`. */
  timeoutMs?: number;
  /**
   * Whether it takes secrets: scripts may pass `secrets.token`, and the method gets the value with
   * `context.secrets.resolve(text)`. This works for secrets whose own list names this binding. Default false: a call
   * with a secret in its input is refused.
   */
  secrets?: boolean;
  /** What the binding does, in one sentence for script authors. */
  description?: string;
}

/** What the decorator stores about the method. */
export interface ScriptBindingMetadata extends ScriptBindingOptions {
  name: string;
}

/** The mark of methods with {@link ScriptBinding}. */
export const BINDINGS = new MethodMark<ScriptBindingMetadata>('ScriptBinding');

/**
 * Lets scripts call a method of a provider or controller, if their list of bindings names it:
 * `await crm.findClient(…)`. The method runs in the host's process, with the input and a {@link BindingContext}. It
 * must use the context's tenant in every query, because the package can't know which rows belong to which tenant.
 *
 * ```ts
 * @ScriptBinding('crm.findClient', { input: FindClient, timeoutMs: 2_000, description: 'A client by its email' })
 * findClient({ email }: FindClient, { tenantId }: BindingContext) {
 *   return this.clients.findOneBy({ email, tenantId });
 * }
 * ```
 *
 * Other decorators may stand above and below it, and a subclass may override the method.
 *
 * The script gets the return value as JSON. It sees the message of a `BindingCallError`, of another
 * `ScriptsEventError`, and of an `HttpException` with a status of 400 to 499; any other error reads "failed".
 *
 * @publicApi
 */
export function ScriptBinding<Input extends object = never>(
  name: string,
  options: ScriptBindingOptions<Input> = {},
) {
  return <
    Method extends (input: [Input] extends [never] ? JsonValue : Input, context: BindingContext) => unknown,
  >(
    target: object,
    method: string | symbol,
    descriptor: TypedPropertyDescriptor<Method>,
  ): void => {
    BINDINGS.put(target, method, descriptor, { ...options, name });
  };
}

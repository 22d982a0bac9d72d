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
   * Class with class-validator decorators that the input must satisfy. Fields it does not declare are refused. Default
   * none: the method gets whatever JSON the script passes and has to look at it itself.
   */
  input?: Type<Input>;
  /**
   * Class of what the method returns, or `[Class]` for a list of it: for the types and the manual of script authors. It
   * is not checked: return only what scripts may see.
   */
  result?: BindingResult;
  /** Milliseconds a call may take. 1 to 600,000; default, and at most, `sandbox.bindingTimeout`. */
  timeoutMs?: number;
  /** What it does, in a sentence for script authors. */
  description?: string;
}

/** What the decorator says of the method. */
export interface ScriptBindingMetadata extends ScriptBindingOptions {
  name: string;
}

/** Where {@link ScriptBinding} stands. */
export const BINDINGS = new MethodMark<ScriptBindingMetadata>('ScriptBinding');

/**
 * Lets scripts call a method of a provider or controller, if their list of bindings names it: `await crm.findClient(…)`.
 * The method is called in the host's process with the input and a {@link BindingContext}. It has to keep to the
 * context's tenant: the package cannot know which rows are whose.
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
 * What it returns reaches the script as JSON. Of what it throws, the script sees the message of a `BindingCallError` or
 * another `ScriptsEventError`, and of an `HttpException` with a status of 400 to 499; anything else reads "failed".
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

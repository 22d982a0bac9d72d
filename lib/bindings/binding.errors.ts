import { ScriptsEventError } from '../common/errors.js';

/**
 * A binding that cannot be called the way it is declared: a name that is taken or reserved, a provider that is made anew
 * for each request. Thrown when the application starts.
 *
 * @publicApi
 */
export class BindingDeclarationError extends ScriptsEventError {
  readonly code = 'binding-declaration';

  constructor(
    /** The name as it was given. */
    readonly binding: string,
    /** `CrmBindings.findClient`; two of them when two declarations do not go together. */
    readonly methods: readonly string[],
    problem: string,
  ) {
    super(`@ScriptBinding on ${methods.join(' and ')}: ${problem}.`);
  }
}

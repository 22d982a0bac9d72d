import { ScriptsEventError } from '../common/errors.js';

/**
 * A binding can't be called as it is declared: its name is taken or reserved, or its provider is request-scoped. Thrown
 * when the application starts.
 *
 * @publicApi
 */
export class BindingDeclarationError extends ScriptsEventError {
  readonly code = 'binding-declaration';

  constructor(
    /** The name as it was declared. */
    readonly binding: string,
    /** The methods, such as `CrmBindings.findClient`; two if two declarations conflict. */
    readonly methods: readonly string[],
    problem: string,
  ) {
    super(`@ScriptBinding on ${methods.join(' and ')}: ${problem}.`);
  }
}

import { valueInWords } from '../common/printable.js';
import { ScriptsEventError } from '../common/errors.js';

/** No such execution in the tenant. Says the same for another tenant's execution, so that ids cannot be probed. */
export class ExecutionNotFoundError extends ScriptsEventError {
  readonly code = 'execution-not-found';
  override readonly category = 'not-found';

  constructor(id: string) {
    super(`There is no execution ${valueInWords(id)} in this tenant; it may have been deleted by retention.`);
  }
}

/** Executions were asked for, or one was started, without a tenant, or with a condition or an option that cannot be. */
export class InvalidExecutionQueryError extends ScriptsEventError {
  readonly code = 'invalid-execution-query';
  override readonly category = 'invalid';

  constructor(
    /** Name of the condition or the option. */
    readonly field: string,
    problem: string,
  ) {
    super(`Executions: ${problem}.`);
  }
}

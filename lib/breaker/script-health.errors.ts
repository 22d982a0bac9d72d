import { valueInWords } from '../common/printable.js';
import { ScriptsEventError } from '../common/errors.js';

/** There is nothing to resume. @publicApi */
export class ScriptHealthyError extends ScriptsEventError {
  readonly code = 'script-healthy';
  override readonly category = 'conflict';

  constructor(readonly scriptId: string) {
    super(
      `Script ${scriptId} is neither degraded nor disabled, so there is nothing to resume; to let a draft or a paused script run, activate it.`,
    );
  }
}

/** Health was asked for, or a script resumed, with a value that cannot be. @publicApi */
export class ScriptHealthQueryError extends ScriptsEventError {
  readonly code = 'invalid-script-health-query';
  override readonly category = 'invalid';

  constructor(
    readonly field: string,
    value: unknown,
    allowed: readonly unknown[],
  ) {
    super(`Script health: ${field} is ${valueInWords(value)}; give one of ${allowed.join(', ')}.`);
  }
}

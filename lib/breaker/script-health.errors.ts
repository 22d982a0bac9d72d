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

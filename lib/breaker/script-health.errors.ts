import { ScriptsEventError } from '../common/errors.js';

/** The script is healthy, so there is nothing to resume. @publicApi */
export class ScriptHealthyError extends ScriptsEventError {
  readonly code = 'script-healthy';
  override readonly category = 'conflict';

  constructor(readonly scriptId: string) {
    super(
      `Script ${scriptId} can't be resumed: it is neither degraded nor disabled. To run a draft or a paused script, activate it.`,
    );
  }
}

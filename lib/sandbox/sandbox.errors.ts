import { ScriptsEventError } from '../common/errors.js';

/**
 * An option, a limit or an argument of the sandbox is not valid. The constructor throws it; `run` and `check` reject
 * with it.
 */
export class SandboxOptionsError extends ScriptsEventError {
  readonly code = 'sandbox-options';
}

/**
 * No sandbox process could be started, often because `isolated-vm` is missing or was built for another Node.js version;
 * or the sandbox has been stopped. The message says which.
 */
export class SandboxStartError extends ScriptsEventError {
  readonly code = 'sandbox-start';
  override readonly category = 'unavailable';
}

import { ScriptsEventError } from '../common/errors.js';

/** An option or a limit of the sandbox is out of its range. Thrown by the constructor and by `run`. */
export class SandboxOptionsError extends ScriptsEventError {
  readonly code = 'sandbox-options';
}

/** No sandbox process could be started: `isolated-vm` is missing or was built for another Node.js version. */
export class SandboxStartError extends ScriptsEventError {
  readonly code = 'sandbox-start';
  override readonly category = 'unavailable';
}

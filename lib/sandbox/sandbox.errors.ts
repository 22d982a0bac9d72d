import { ScriptsEventError } from '../common/errors.js';

/** An option or a limit of the sandbox is out of its range. Thrown by the constructor and by `run`. */
export class SandboxOptionsError extends ScriptsEventError {
  readonly code = 'sandbox-options';
}

/** No sandbox process could be started: `isolated-vm` is missing or was built for another Node.js version. */
export class SandboxStartError extends ScriptsEventError {
  readonly code = 'sandbox-start';
}

/**
 * Throw it from `callBinding` to choose what the script sees: `error.name` is `BindingError`, `error.code` is `code`.
 * Any other error reaches the script with its message only when it is a {@link ScriptsEventError}; the script reads
 * "failed" otherwise, so that no connection string or path of the host leaks into a tenant's log.
 *
 * @publicApi
 */
export class BindingCallError extends ScriptsEventError {
  constructor(
    readonly code: string,
    message: string,
    options: { retryable?: boolean; cause?: unknown } = {},
  ) {
    super(message, options);
  }
}

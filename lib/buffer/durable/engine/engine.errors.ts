import { ScriptsEventError } from '../../../common/errors.js';

/** `buffer.driver` is `graphile-worker`, but the package is not installed. */
export class EngineMissingError extends ScriptsEventError {
  readonly code = 'engine-missing';

  constructor(installCommand: string, cause: unknown) {
    super(
      `buffer.driver is "graphile-worker", but the package graphile-worker is not installed: run "${installCommand}" or set buffer.driver to "memory".`,
      { cause },
    );
  }
}

/** The installed version of graphile-worker is older or newer than this package supports. */
export class EngineUnsupportedError extends ScriptsEventError {
  readonly code = 'engine-unsupported';

  /** @internal */
  constructor(installCommand: string, installed?: string, tested?: string) {
    super(
      installed === undefined
        ? `The installed graphile-worker lacks what buffer.driver "graphile-worker" needs: run "${installCommand}".`
        : `buffer.driver "graphile-worker" is tested with ${tested}, but ${installed} is installed: run "${installCommand}".`,
    );
  }
}

/** The engine's tables are missing, or belong to a newer version than the installed one. */
export class EngineSchemaError extends ScriptsEventError {
  readonly code = 'engine-schema';
}

/** A job was returned to the queue, so the answer to it is neither success nor failure. */
export class HandedBackError extends ScriptsEventError {
  readonly code = 'handed-back';
  override readonly category = 'unavailable';

  constructor() {
    super('The node is stopping; the job went back to the queue for another node.', { retryable: true });
  }
}

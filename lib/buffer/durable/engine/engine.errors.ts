import { ScriptsEventError } from '../../../common/errors.js';

/** `buffer.driver` asks for graphile-worker, and the package is not there. */
export class EngineMissingError extends ScriptsEventError {
  readonly code = 'engine-missing';

  constructor(installCommand: string, cause: unknown) {
    super(
      `buffer.driver is "graphile-worker", but the package graphile-worker is not installed: run "${installCommand}" or set buffer.driver to "memory".`,
      { cause },
    );
  }
}

/** The installed graphile-worker is older or newer than what this package works with. */
export class EngineUnsupportedError extends ScriptsEventError {
  readonly code = 'engine-unsupported';

  constructor(installCommand: string) {
    super(
      `The installed graphile-worker lacks what buffer.driver "graphile-worker" needs: run "${installCommand}".`,
    );
  }
}

/** The engine's tables are not in the database, or are of a newer engine than the installed one. */
export class EngineSchemaError extends ScriptsEventError {
  readonly code = 'engine-schema';
}

/** A job went back to the queue: the answer to it is neither success nor failure. */
export class HandedBackError extends ScriptsEventError {
  readonly code = 'handed-back';
  override readonly category = 'unavailable';

  constructor() {
    super('The node is stopping; the job went back to the queue for another node.', { retryable: true });
  }
}

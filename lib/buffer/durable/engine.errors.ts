import { ScriptsEventError } from '../../common/errors.js';

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

/**
 * This node can no longer be sure that its jobs are its own: it lost touch with the database for longer than its lease.
 * The engine delivers them again.
 */
export class LeaseLostError extends ScriptsEventError {
  readonly code = 'lease-lost';

  constructor() {
    super('This node lost its lease on the queue; what it ran is delivered again.', { retryable: true });
  }
}

/** A job went back to the queue: the answer to it is neither success nor failure. */
export class HandedBackError extends ScriptsEventError {
  readonly code = 'handed-back';

  constructor() {
    super('The node stops; the job went back to the queue for another node.', { retryable: true });
  }
}

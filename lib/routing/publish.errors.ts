import { ScriptsEventError } from '../common/errors.js';

/**
 * `publish` was asked for a promise that the memory buffer cannot keep.
 *
 * @publicApi
 */
export class DurableBufferRequiredError extends ScriptsEventError {
  readonly code = 'durable-buffer-required';

  /** @param option what asked for it: `manager`, `queryRunner` or `eventId` */
  constructor(option: string) {
    super(
      `DomainEventPublisher.publish with "${option}" needs a durable buffer: set buffer.driver to "graphile-worker", or ` +
        `leave "${option}" out and have the event routed at once, in memory.`,
    );
  }
}

/**
 * The manager or query runner given to `publish` has no open transaction, so nothing ties the event to what the caller
 * writes.
 *
 * @publicApi
 */
export class TransactionRequiredError extends ScriptsEventError {
  readonly code = 'transaction-required';

  /** @param option `manager` or `queryRunner` */
  constructor(option: string) {
    super(
      `The ${option} given to DomainEventPublisher.publish has no open transaction: give the manager that ` +
        `dataSource.transaction() hands you, or leave it out to publish at once.`,
    );
  }
}

/**
 * `publish` was given an option that it does not have. A misspelt `manager` would publish outside of the transaction, and
 * nobody would notice until one is rolled back.
 *
 * @publicApi
 */
export class UnknownPublishOptionError extends ScriptsEventError {
  readonly code = 'unknown-publish-option';

  /** @param options those there are */
  constructor(
    readonly option: string,
    options: readonly string[],
  ) {
    super(`DomainEventPublisher.publish has no option "${option}": give ${options.join(', ')}.`);
  }
}

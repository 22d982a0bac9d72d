import { ScriptsEventError } from '../common/errors.js';

/**
 * An option of `publish` needs the durable buffer, but the memory buffer is in use.
 *
 * @publicApi
 */
export class DurableBufferRequiredError extends ScriptsEventError {
  readonly code = 'durable-buffer-required';

  /** @param option the option that needs it: `manager`, `queryRunner` or `eventId` */
  constructor(option: string) {
    super(
      `DomainEventPublisher.publish with "${option}" needs a durable buffer. Set buffer.driver to "graphile-worker", or ` +
        `remove "${option}" to route the event immediately, in memory.`,
    );
  }
}

/**
 * The manager or query runner given to `publish` has no open transaction in which the event could be queued.
 *
 * @publicApi
 */
export class TransactionRequiredError extends ScriptsEventError {
  readonly code = 'transaction-required';

  /** @param option `manager` or `queryRunner` */
  constructor(option: string) {
    super(
      `The ${option} passed to DomainEventPublisher.publish has no open transaction. Pass the manager that ` +
        `dataSource.transaction() provides, or leave it out to publish immediately.`,
    );
  }
}

/**
 * `publish` was given an unknown option. A misspelt `manager` would publish outside the transaction, and nobody would
 * notice until one is rolled back.
 *
 * @publicApi
 */
export class UnknownPublishOptionError extends ScriptsEventError {
  readonly code = 'unknown-publish-option';

  /** @param options the known ones */
  constructor(
    readonly option: string,
    options: readonly string[],
  ) {
    super(`Unknown option "${option}" of DomainEventPublisher.publish. Allowed: ${options.join(', ')}.`);
  }
}

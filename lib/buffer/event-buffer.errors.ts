import { ScriptsEventError } from '../common/errors.js';
import { valueInWords } from '../common/printable.js';

/** An event was published while the application was stopping. */
export class EventBufferClosedError extends ScriptsEventError {
  readonly code = 'event-buffer-closed';
  override readonly category = 'unavailable';

  constructor() {
    super(
      'The application is stopping and no longer accepts events. Roll the transaction back and let another node do the work.',
      { retryable: true },
    );
  }
}

/**
 * The buffer of `buffer.adapter` declares something that its class doesn't support.
 *
 * @publicApi
 */
export class InvalidEventBufferError extends ScriptsEventError {
  readonly code = 'event-buffer-invalid';

  private constructor(
    readonly bufferName: string,
    problem: string,
  ) {
    super(`The event buffer ${bufferName} ${problem}`);
  }

  static notDurable(bufferName: string, durable: unknown): InvalidEventBufferError {
    return new InvalidEventBufferError(
      bufferName,
      durable === true
        ? 'sets durable to true and does not extend DurableEventBuffer: extend it and write enqueueIn, or leave durable out.'
        : `sets durable to ${valueInWords(durable)}: leave it out. It is true for a class that extends DurableEventBuffer.`,
    );
  }

  static withoutEnqueueIn(bufferName: string): InvalidEventBufferError {
    return new InvalidEventBufferError(
      bufferName,
      'extends DurableEventBuffer and has no method enqueueIn: write it, or extend EventBuffer.',
    );
  }
}

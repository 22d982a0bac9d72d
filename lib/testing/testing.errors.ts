import { ScriptsEventError } from '../common/errors.js';

/**
 * What a test waited for did not happen in time, or the spy was detached meanwhile. The message tells what happened
 * instead.
 *
 * @publicApi
 */
export class WaitTimeoutError extends ScriptsEventError {
  readonly code = 'wait-timeout';

  constructor(message: string) {
    super(message, { retryable: true });
  }
}

/**
 * A {@link FakeClock} was given a time that is none.
 *
 * @publicApi
 */
export class FakeClockError extends ScriptsEventError {
  readonly code = 'fake-clock';
}

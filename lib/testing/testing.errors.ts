import { ScriptsEventError } from '../common/errors.js';

/**
 * What a test waited for didn't happen in time, or the spy was detached meanwhile. The message says what happened
 * instead.
 *
 * @publicApi
 */
export class WaitTimeoutError extends ScriptsEventError {
  readonly code = 'wait-timeout';

  constructor(message: string) {
    super(message, { retryable: true, wording: 'lines' });
  }
}

/**
 * A helper was given an invalid condition or timeout: an unknown field, a count of 0, a timeout that is not a number.
 *
 * @publicApi
 */
export class WaitConditionError extends ScriptsEventError {
  readonly code = 'wait-condition';
}

/**
 * A {@link FakeClock} was given an invalid time.
 *
 * @publicApi
 */
export class FakeClockError extends ScriptsEventError {
  readonly code = 'fake-clock';
}

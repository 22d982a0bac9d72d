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
    super(message, { retryable: true, wording: 'lines' });
  }
}

/**
 * A helper was asked to wait for something that cannot be: an unknown condition, a count of 0, a time that is none.
 *
 * @publicApi
 */
export class WaitConditionError extends ScriptsEventError {
  readonly code = 'wait-condition';
}

/**
 * A {@link FakeClock} was given a time that is none.
 *
 * @publicApi
 */
export class FakeClockError extends ScriptsEventError {
  readonly code = 'fake-clock';
}

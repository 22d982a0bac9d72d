import { ScriptsEventError } from './errors.js';

/**
 * Too many sources wait to be checked, of this tenant or of all: nothing was saved, and the same call succeeds later.
 *
 * @publicApi
 */
export class SourceChecksFullError extends ScriptsEventError {
  readonly code = 'source-checks-full';
  override readonly category = 'unavailable';

  constructor(waiting: number, whose: string) {
    super(`${waiting} sources ${whose} are already waiting to be checked. Save again later.`, {
      retryable: true,
    });
  }
}

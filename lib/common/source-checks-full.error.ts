import { ScriptsEventError } from './errors.js';

/**
 * Too many sources of this tenant, or of all tenants, wait to be checked. Nothing was saved; the same call succeeds
 * later.
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

import { Flag } from './option.decorators.js';

/**
 * Where scripts, executions and dead letters are stored. The data source is named by `dataSource` beside the options, as
 * the module needs it before any option is computed.
 *
 * @publicApi
 */
export class StorageOptions {
  /** Whether a start fails when migrations of this package have not run. Default true: better than at the first event. */
  @Flag()
  checkMigrations = true;

  /**
   * Whether an execution's record keeps the payload it ran on, for test runs with past events. Default false: payloads
   * hold personal data, and each is stored once for every script that it runs.
   */
  @Flag()
  keepInput = false;
}

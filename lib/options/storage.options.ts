import { AbsolutePath, Flag, MayBeUndefined, WholeNumber } from './option.decorators.js';

/**
 * How scripts, executions and dead letters are stored. The data source itself is named by `dataSource` next to the
 * options, because the module needs it before it computes any option.
 *
 * @publicApi
 */
export class StorageOptions {
  /**
   * Whether a start fails if migrations of this package have not run. Default true: better than a failure at the first
   * event.
   */
  @Flag()
  checkMigrations = true;

  /**
   * Whether an execution's record keeps its payload, for test runs with past events and for replays of executions
   * (`ExecutionService.replay`). Default false: payloads hold personal data, and each is stored once for every script
   * that it runs.
   */
  @Flag()
  keepInput = false;

  /**
   * A folder for the spill file: dead letters and execution records that a stop cannot store because the database is
   * unavailable. Only this user may read the file; the next start that finds it imports it. An absolute path of an
   * existing, writable folder, on a disk that outlives the process. Default none, because the file holds tenants' data:
   * such records are lost, and the log says how many.
   */
  @MayBeUndefined()
  @AbsolutePath()
  spillPath: string | undefined = undefined;

  /**
   * Largest size of that file, in bytes. 65,536 to 10,737,418,240, default 134,217,728: room for what both writers hold
   * in memory, 64 MiB each. Further records are lost, and the log says how many.
   */
  @WholeNumber(65_536, 10_737_418_240)
  maxSpillBytes = 134_217_728;
}

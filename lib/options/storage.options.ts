import { AbsolutePath, Flag, MayBeUndefined, WholeNumber } from './option.decorators.js';

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
   * Whether an execution's record keeps the payload it ran on, for test runs with past events and to run it
   * again (`ExecutionService.replay`). Default false: payloads hold personal data, and each is stored once for every script
   * that it runs.
   */
  @Flag()
  keepInput = false;

  /**
   * A folder for what a stop cannot store because the database is away: dead letters and execution records, in a file that
   * only this user may read, taken up by the next start that finds it. An absolute path of a folder that exists and may be
   * written to, on a disk that outlives the process. Default none, as the file holds tenants' data: what cannot be stored
   * is lost then, and counted in the log.
   */
  @MayBeUndefined()
  @AbsolutePath()
  spillPath: string | undefined = undefined;

  /**
   * Most bytes of that file. 65,536 to 10,737,418,240, default 134,217,728: room for what both writers hold in memory,
   * 64 MiB each. What is over is lost, and counted in the log.
   */
  @WholeNumber(65_536, 10_737_418_240)
  maxSpillBytes = 134_217_728;
}

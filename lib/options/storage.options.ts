import { Flag, MayBeUndefined, Text } from './option.decorators.js';

/**
 * Where scripts, executions and dead letters are stored.
 *
 * @publicApi
 */
export class StorageOptions {
  /** Name of the TypeORM data source, for hosts with several. Default the unnamed one. */
  @MayBeUndefined()
  @Text(100)
  dataSource: string | undefined = undefined;

  /** Whether a start fails when migrations of this package have not run. Default true: better than at the first event. */
  @Flag()
  checkMigrations = true;
}

import { ScriptsEventError } from '../common/errors.js';

/** The DataSource is not for PostgreSQL. Thrown when the application starts. @publicApi */
export class UnsupportedDatabaseError extends ScriptsEventError {
  readonly code = 'unsupported-database';

  constructor(type: string) {
    super(
      `The DataSource has type "${type}", but scripts-event needs "postgres". Name another one in ScriptsEventModule.forRoot({ dataSource }).`,
    );
  }
}

/** The DataSource doesn't know this package's entities. Thrown when the application starts. @publicApi */
export class MissingEntitiesError extends ScriptsEventError {
  readonly code = 'missing-entities';

  /** @param entities names of the missing entity classes */
  constructor(readonly entities: readonly string[]) {
    super(
      `The DataSource has no entities ${entities.join(', ')}. Add SCRIPTS_EVENT_ENTITIES of nestjs-scripts-event to its "entities".`,
    );
  }
}

/**
 * The tables are missing, or not as this version of the package needs them. Thrown when the application starts.
 * @publicApi
 */
export class MigrationsMissingError extends ScriptsEventError {
  readonly code = 'migrations-missing';

  /** @param missing what is missing, each as `table scripts`, `column scripts.limits` or `trigger … of scripts` */
  constructor(readonly missing: readonly string[]) {
    super(
      `The database lacks ${missing.join(', ')}. Run this package's migrations: add SCRIPTS_EVENT_MIGRATIONS of ` +
        `nestjs-scripts-event/migrations to the "migrations" of the DataSource, then "typeorm migration:run", or ` +
        `set "migrationsRun: true". "synchronize" does not create these tables. If the migrations have run, check "schema" ` +
        `and "entityPrefix" of the DataSource: they are part of the table names.`,
    );
  }
}

/** The database user lacks rights that the package needs. Thrown when the application starts. @publicApi */
export class MissingRightsError extends ScriptsEventError {
  readonly code = 'missing-rights';

  /** @param missing each as `INSERT on table scripts`, `USAGE on schema …` */
  constructor(readonly missing: readonly string[]) {
    super(
      `The application's database user lacks ${missing.join(', ')}. Ask an administrator to grant it; the statements ` +
        `are in docs/database-rights.md of nestjs-scripts-event.`,
    );
  }
}

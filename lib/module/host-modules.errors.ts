import { ScriptsEventError } from '../common/errors.js';

/**
 * The host doesn't import a Nest module that this package needs. Thrown when the application starts.
 *
 * @publicApi
 */
export class MissingModuleError extends ScriptsEventError {
  readonly code = 'missing-module';

  constructor(moduleName: string, packageName: string) {
    super(
      `ScriptsEventModule needs ${moduleName}: add ${moduleName}.forRoot() to the imports of your root module ` +
        `(import { ${moduleName} } from '${packageName}').`,
    );
  }
}

/**
 * The host and this package load two copies of a package, so what one of them provides is missing for the other. Thrown
 * when the application starts.
 *
 * @publicApi
 */
export class SecondCopyError extends ScriptsEventError {
  readonly code = 'second-copy';

  constructor(readonly packageName: string) {
    super(
      `The application and nestjs-scripts-event load two copies of ${packageName}. If you bundle: exclude every package of ` +
        'node_modules, or bundle them all together with nestjs-scripts-event (see docs/bundling.md). ' +
        `Otherwise it is installed twice: "npm ls ${packageName}" shows where.`,
    );
  }
}

/**
 * TypeOrmModule provides no DataSource with the configured name. Thrown when the application starts.
 *
 * @publicApi
 */
export class MissingDataSourceError extends ScriptsEventError {
  readonly code = 'missing-data-source';

  constructor(name: string | undefined) {
    super(
      name === undefined
        ? "ScriptsEventModule needs TypeOrmModule's DataSource, but found none: add TypeOrmModule.forRoot({ type: " +
            "'postgres', … }) to the imports of your root module (import { TypeOrmModule } from '@nestjs/typeorm'). If yours " +
            "has a name, give it: ScriptsEventModule.forRoot({ dataSource: 'its name' })."
        : `ScriptsEventModule is configured with the DataSource "${name}", but TypeOrmModule provides none of that name: change ` +
            '"dataSource" to the "name" given to TypeOrmModule.forRoot(), or remove it to use the unnamed DataSource.',
    );
  }
}

/**
 * The host's DataSource asks `pg` for binary results. `pg` reads them as UTF-8 text, which corrupts numbers above 127
 * and most times before a parser sees them. Thrown when the application starts.
 *
 * @publicApi
 */
export class BinaryAnswersError extends ScriptsEventError {
  readonly code = 'binary-answers';

  constructor(readonly setting: string) {
    super(
      `${setting} is true: pg then requests binary results from PostgreSQL but reads them as text, so numbers and times ` +
        'are wrong. Remove the setting; pg uses text by default.',
    );
  }
}

/**
 * An option names a class that no module of the host provides. Thrown when the application starts.
 *
 * @publicApi
 */
export class MissingProviderError extends ScriptsEventError {
  readonly code = 'missing-provider';

  constructor(
    readonly option: string,
    className: string,
    cause: unknown,
  ) {
    super(
      `${option} names the class ${className}, but no module provides it: add ${className} to the ` +
        `providers of a module, as a singleton, or pass an instance.`,
      { cause },
    );
  }
}

/**
 * The host imports `ScriptsEventModule.forRoot` more than once, so every event would run twice. Thrown when the
 * application starts.
 *
 * @publicApi
 */
export class DuplicateModuleError extends ScriptsEventError {
  readonly code = 'duplicate-module';

  constructor(times: number) {
    super(
      `ScriptsEventModule.forRoot is imported ${times} times; import it once, in your root module. ` +
        'Its services can be injected everywhere.',
    );
  }
}

/**
 * The host imports `ScriptsEventModule` without `forRoot` or `forRootAsync`, so it would do nothing. Thrown when the
 * application starts.
 *
 * @publicApi
 */
export class ModuleNotConfiguredError extends ScriptsEventError {
  readonly code = 'module-not-configured';

  constructor() {
    super(
      'ScriptsEventModule is imported without forRoot() or forRootAsync(): import ScriptsEventModule.forRoot() once, in ' +
        'your root module. Other modules need no import of it; its services can be injected everywhere.',
    );
  }
}

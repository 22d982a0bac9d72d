import { type DynamicModule, Inject, Module, Optional } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SCRIPTS_EVENT_ENTITIES } from '../entities/index.js';
import { ModuleNotConfiguredError } from './host-modules.errors.js';
import { checkAsyncOptions, requireOptions } from '../options/module-options.js';
import type { ScriptsEventModuleOptions } from '../options/scripts-event.options.js';
import {
  ConfigurableModuleClass,
  type ScriptsEventModuleAsyncOptions,
  type ScriptsEventModuleExtras,
} from './scripts-event.module-definition.js';
import { scriptsEventProviders } from './providers/scripts-event.providers.js';
import { SCRIPTS_EVENT_EXPORTS } from './scripts-event.exports.js';

/** Provided only in the module that `forRoot` or `forRootAsync` returns, so that a bare import is noticed. */
const CONFIGURED = Symbol('scripts-event:configured');

/**
 * Runs tenants' scripts when the host emits events on its `EventEmitter2`.
 *
 * ```ts
 * @Module({
 *   imports: [
 *     EventEmitterModule.forRoot(),
 *     ScheduleModule.forRoot(),
 *     TypeOrmModule.forRoot({ type: 'postgres', url, autoLoadEntities: true, migrations: SCRIPTS_EVENT_MIGRATIONS }),
 *     ScriptsEventModule.forRoot(),
 *   ],
 * })
 * export class AppModule {}
 * ```
 *
 * Import it once. A missing option comes from its environment variable, or else is the default.
 *
 * @publicApi
 */
@Module({})
export class ScriptsEventModule extends ConfigurableModuleClass {
  /** @throws ModuleNotConfiguredError @internal */
  constructor(@Optional() @Inject(CONFIGURED) configured?: true) {
    super();
    if (configured === undefined) throw new ModuleNotConfiguredError();
  }

  /** @throws ScriptsEventOptionsError at boot; it names every invalid option */
  static override forRoot(options: ScriptsEventModuleOptions & ScriptsEventModuleExtras = {}): DynamicModule {
    requireOptions(options);
    return withProviders(super.forRoot(options), options.dataSource);
  }

  /**
   * Like {@link forRoot}, with `useFactory`, `useClass` or `useExisting`. Write `dataSource` and `isGlobal` next to
   * them.
   *
   * @throws ScriptsEventOptionsError here if none of them is given; at boot for invalid options
   */
  static override forRootAsync(options: ScriptsEventModuleAsyncOptions): DynamicModule {
    checkAsyncOptions(options);
    return withProviders(super.forRootAsync(options), options.dataSource);
  }
}

function withProviders(definition: DynamicModule, dataSource: string | undefined): DynamicModule {
  // Called only to register the entities for `autoLoadEntities`. The module that it returns is not imported: without a
  // DataSource it would fail with Nest's error before this package could say what is missing.
  TypeOrmModule.forFeature(SCRIPTS_EVENT_ENTITIES, dataSource);
  return {
    ...definition,
    providers: [
      ...(definition.providers ?? []),
      { provide: CONFIGURED, useValue: true },
      ...scriptsEventProviders(dataSource),
    ],
    exports: SCRIPTS_EVENT_EXPORTS,
  };
}

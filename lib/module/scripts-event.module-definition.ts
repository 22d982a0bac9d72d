import {
  type ConfigurableModuleAsyncOptions,
  ConfigurableModuleBuilder,
  type ConfigurableModuleOptionsFactory,
} from '@nestjs/common';
import type { ScriptsEventModuleOptions } from '../options/scripts-event.options.js';

/** Settings that shape the module itself, and are needed before any option is computed. */
export interface ScriptsEventModuleExtras {
  /** Whether every module can inject the services without importing this module. Default true. */
  isGlobal?: boolean;
  /** Name of the TypeORM data source, for hosts with several. Default: the unnamed one. */
  dataSource?: string;
}

/** A method that computes the options, for the classes of `useClass` and `useExisting`. @publicApi */
export type ScriptsEventOptionsFactory = ConfigurableModuleOptionsFactory<
  ScriptsEventModuleOptions,
  'createScriptsEventOptions'
>;

/** What `ScriptsEventModule.forRootAsync` takes. @publicApi */
export type ScriptsEventModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  ScriptsEventModuleOptions,
  'createScriptsEventOptions'
> &
  ScriptsEventModuleExtras;

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<ScriptsEventModuleOptions>({ moduleName: 'ScriptsEvent' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createScriptsEventOptions')
    .setExtras<ScriptsEventModuleExtras>({ isGlobal: true, dataSource: undefined }, (definition, extras) => ({
      ...definition,
      global: extras.isGlobal,
    }))
    .build();

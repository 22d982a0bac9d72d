import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { ScriptsEventModuleOptions } from '../options/scripts-event.options.js';

/** What shapes the module itself, and so must be known before any option is computed. */
export interface ScriptsEventModuleExtras {
  /** Whether the services can be injected everywhere without importing the module again. Default true. */
  isGlobal?: boolean;
  /** Name of the TypeORM data source, for hosts with several. Default the unnamed one. */
  dataSource?: string;
}

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<ScriptsEventModuleOptions>({ moduleName: 'ScriptsEvent' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createScriptsEventOptions')
    .setExtras<ScriptsEventModuleExtras>({ isGlobal: true, dataSource: undefined }, (definition, extras) => ({
      ...definition,
      global: extras.isGlobal,
    }))
    .build();

import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { ScriptsEventModuleOptions } from '../options/scripts-event.options.js';

/** Settings of the module itself, which it needs before it computes any option. */
export interface ScriptsEventModuleExtras {
  /** Whether every module can inject the services without importing this module. Default true. */
  isGlobal?: boolean;
  /** Name of the TypeORM data source, for hosts with several. Default: the unnamed one. */
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

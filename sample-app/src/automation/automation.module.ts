import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { DeadLettersController } from './dead-letters.controller.js';
import { ExecutionsController } from './executions.controller.js';
import { ScriptsController } from './scripts.controller.js';
import { ValuesController } from './values.controller.js';
import { SignInController } from '../tenancy/sign-in.controller.js';
import { ScriptsEventExceptionFilter } from 'nestjs-scripts-event';

/**
 * The tenants' own automation over HTTP. A product lets only a tenant's administrators in here.
 * The services come from `ScriptsEventModule`, which is global.
 */
@Module({
  controllers: [
    SignInController,
    ScriptsController,
    ExecutionsController,
    DeadLettersController,
    ValuesController,
  ],
  providers: [{ provide: APP_FILTER, useClass: ScriptsEventExceptionFilter }],
})
export class AutomationModule {}

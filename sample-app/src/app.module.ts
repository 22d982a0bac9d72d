import {
  ClassSerializerInterceptor,
  Module,
  ValidationPipe,
  type DynamicModule,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { ScheduleModule } from '@nestjs/schedule';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { ScriptsEventModule, type ScriptsEventModuleOptions } from 'nestjs-scripts-event';
import { ScriptsEventAdminModule } from 'nestjs-scripts-event/admin';
import { SCRIPTS_EVENT_MIGRATIONS } from 'nestjs-scripts-event/migrations';
import { adminAccess } from './automation/admin-access.js';
import { AutomationModule } from './automation/automation.module.js';
import { CoreModule } from './core/core.module.js';
import { CrmModule } from './crm/crm.module.js';
import { backOfficeMigrations } from './database/migrations/index.js';
import { FinanceModule } from './finance/finance.module.js';
import { REPORT_REQUESTED } from './finance/reports/reports.controller.js';
import { HealthModule } from './health/health.module.js';
import { HomeModule } from './home/home.module.js';
import { traceRequest } from './observability/traces.js';
import { ActorMiddleware, currentActor } from './tenancy/actor.js';

export interface AppSettings {
  databaseUrl: string;
  /** Schema that holds the tables; it exists already. Default: the one of the connection. */
  databaseSchema?: string;
  /** Options of the package beside those this app sets itself. */
  scriptsEvent?: ScriptsEventModuleOptions;
}

/** The back office. */
@Module({})
export class AppModule implements NestModule {
  static register({ databaseUrl, databaseSchema, scriptsEvent }: AppSettings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        EventEmitterModule.forRoot(),
        ScheduleModule.forRoot(),
        TypeOrmModule.forRoot({
          type: 'postgres',
          url: databaseUrl,
          schema: databaseSchema,
          autoLoadEntities: true,
          migrations: [...backOfficeMigrations, ...SCRIPTS_EVENT_MIGRATIONS],
          migrationsRun: true,
          // Ids come from gen_random_uuid(), which PostgreSQL has by itself.
          installExtensions: false,
        }),
        PrometheusModule.register(),
        ScriptsEventModule.forRoot({
          ...scriptsEvent,
          events: {
            types: { [REPORT_REQUESTED]: { fields: ['month'] } },
            actorResolver: currentActor,
            ...scriptsEvent?.events,
          },
        }),
        ScriptsEventAdminModule.forRoot({ access: adminAccess, links: { home: '/', signIn: '/sign-in' } }),
        CoreModule,
        CrmModule,
        FinanceModule,
        AutomationModule,
        HealthModule,
        HomeModule,
      ],
      providers: [
        {
          provide: APP_PIPE,
          useValue: new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }),
        },
        { provide: APP_INTERCEPTOR, useClass: ClassSerializerInterceptor },
      ],
    };
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(traceRequest).exclude('metrics', 'health').forRoutes('*path');
    consumer.apply(ActorMiddleware).forRoutes('*path');
  }
}

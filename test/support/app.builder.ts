import { EventEmitterModule } from '@nestjs/event-emitter';
import { ScheduleModule } from '@nestjs/schedule';
import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { LoggerService, ModuleMetadata } from '@nestjs/common';
import { Registry } from 'prom-client';
import { ScriptsEventModule, type ScriptsEventModuleOptions } from '../../lib/index.js';
import type { TestSchema } from './postgres.js';

/** What a test says about its application. */
export interface TestAppSpec {
  /** Where the tables are. */
  database: Pick<TestSchema, 'options'>;
  options?: ScriptsEventModuleOptions;
  providers?: ModuleMetadata['providers'];
  imports?: ModuleMetadata['imports'];
  /** Gets what the application logs. Default: errors go to the console. */
  logger?: LoggerService;
}

/** Short times, a registry of its own: what a test wants unless it says otherwise. */
export function testOptions(options: ScriptsEventModuleOptions = {}): ScriptsEventModuleOptions {
  return {
    shutdownTimeout: '10s',
    ...options,
    buffer: { workerCount: 4, ...options.buffer },
    sandbox: { timeout: '2s', maxTimeout: '5s', ...options.sandbox },
    retry: {
      interval: '50ms',
      initialDelay: '20ms',
      maxDelay: '100ms',
      leaseDuration: '20s',
      ...options.retry,
    },
    metrics: { registry: new Registry(), ...options.metrics },
  };
}

export const databaseModule = ({ options }: TestAppSpec['database']) =>
  TypeOrmModule.forRoot({ ...options, entities: [], autoLoadEntities: true, retryAttempts: 0 });

/** A host as a user writes it, not started yet. */
export function buildApp(spec: TestAppSpec): Promise<TestingModule> {
  const builder = Test.createTestingModule({
    imports: [
      databaseModule(spec.database),
      EventEmitterModule.forRoot(),
      ScheduleModule.forRoot(),
      ScriptsEventModule.forRoot(testOptions(spec.options)),
      ...(spec.imports ?? []),
    ],
    providers: spec.providers ?? [],
  });
  if (spec.logger) builder.setLogger(spec.logger);
  return builder.compile();
}

/** The same, started. Close it with `app.close()`. */
export async function startApp(spec: TestAppSpec): Promise<TestingModule> {
  return (await buildApp(spec)).init();
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { ScheduleModule } from '@nestjs/schedule';
import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { LoggerService, ModuleMetadata } from '@nestjs/common';
import { Registry } from 'prom-client';
import { ScriptsEventModule, type ScriptsEventModuleOptions } from '../../lib/index.js';
import { ScriptSandbox } from '../../lib/sandbox/index.js';
import { startLate } from './late-sandbox.js';
import type { TestSchema } from './postgres.js';
import { noteStart } from './starts/note-start.js';
import { shareChecks } from './shared-checks.js';

/** What a test says about its application. */
export interface TestAppSpec {
  /** Where the tables are. */
  database: Pick<TestSchema, 'options'>;
  options?: ScriptsEventModuleOptions;
  providers?: ModuleMetadata['providers'];
  imports?: ModuleMetadata['imports'];
  /** Gets what the application logs. Default: errors go to the console. */
  logger?: LoggerService;
  /** Checks sources in processes of its own: for tests about that. Default: all applications of the file share one. */
  ownChecks?: boolean;
  /**
   * Starts the sandbox with the application, in the short form too: for tests that look at its processes before a script
   * has run, or that it can't start. Default: {@link startLate}.
   */
  warmsSandbox?: boolean;
}

/**
 * Options that suit most tests: a metrics registry of its own, short intervals and delays, and time limits so long that
 * only the test itself ends a run, on a slow machine too. One sandbox process, without a spare: a test whose scripts
 * run, or wait, at the same time says how many it needs.
 */
export function testOptions(options: ScriptsEventModuleOptions = {}): ScriptsEventModuleOptions {
  return {
    shutdownTimeout: '1m',
    ...options,
    buffer: { workerCount: 4, ...options.buffer },
    sandbox: {
      timeout: '1m',
      maxTimeout: '1m',
      bindingTimeout: '1m',
      maxProcesses: options.sandbox?.minProcesses ?? 1,
      ...options.sandbox,
    },
    retry: {
      interval: '500ms',
      initialDelay: '20ms',
      maxDelay: '100ms',
      leaseDuration: '2m',
      ...options.retry,
    },
    metrics: { registry: new Registry(), ...options.metrics },
  };
}

export const databaseModule = ({ options }: TestAppSpec['database']) =>
  TypeOrmModule.forRoot({ ...options, entities: [], autoLoadEntities: true, retryAttempts: 0 });

/** A host as a user writes it, not started yet. */
export async function buildApp(spec: TestAppSpec): Promise<TestingModule> {
  noteStart('application');
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
  const app = await builder.compile();
  const sandbox = app.get(ScriptSandbox, { strict: false });
  if (!spec.ownChecks) shareChecks(sandbox);
  if (!spec.warmsSandbox) startLate(sandbox);
  return app;
}

/** Builds the application and starts it. Close it with `app.close()`. */
export async function startApp(spec: TestAppSpec): Promise<TestingModule> {
  return (await buildApp(spec)).init();
}

/** Whether `close()` releases what a failed start had opened: Nest 12 and later do. */
export const CLOSE_ENDS_FAILED_STARTS = nestMajor() >= 12;

function nestMajor(): number {
  const manifest = join(__dirname, '..', '..', 'node_modules', '@nestjs', 'core', 'package.json');
  return Number.parseInt((JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version, 10);
}

/** Closes an application whose start may have failed: `close()` of Nest 11 then rejects with the error of the start. */
export const closeAfterStart = (app: Pick<TestingModule, 'close'>): Promise<void> =>
  app.close().catch(() => undefined);

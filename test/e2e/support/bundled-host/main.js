// A host as it is bundled: every entry point of the package, and scripts in both languages. Prints what they returned.
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { EventEmitter2, EventEmitterModule } from '@nestjs/event-emitter';
import { ScheduleModule } from '@nestjs/schedule';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ScriptsEventModule, ScriptService } from 'nestjs-scripts-event';
import { matchFilter, parseFilter } from 'nestjs-scripts-event/filters';
import { SCRIPTS_EVENT_MIGRATIONS } from 'nestjs-scripts-event/migrations';
import { ScriptSandbox } from 'nestjs-scripts-event/sandbox';
import { ExecutionSpy } from 'nestjs-scripts-event/testing';

class AppModule {}
const imports = [
  EventEmitterModule.forRoot(),
  ScheduleModule.forRoot(),
  TypeOrmModule.forRoot({
    type: 'postgres',
    url: process.env.DATABASE_URL,
    autoLoadEntities: true,
    migrations: [...SCRIPTS_EVENT_MIGRATIONS],
    migrationsRun: true,
    retryAttempts: 0,
  }),
  ScriptsEventModule.forRoot(),
];

async function run() {
  const module = { module: AppModule, imports };
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  const scripts = app.get(ScriptService);
  const script = { eventTypes: ['payment.created'], active: true };
  await scripts.create('acme', { ...script, name: 'js', source: 'return 41 + 1' });
  const typed = { language: 'typescript', source: 'const n: number = 43; return n' };
  await scripts.create('acme', { ...script, ...typed, name: 'ts' });
  const spy = ExecutionSpy.attach(app);
  app.get(EventEmitter2).emit('payment.created', { tenantId: 'acme', paymentId: 1 });
  const ended = await spy.waitFor({ tenantId: 'acme', count: 2 });
  await app.close();

  const childPath = process.env.EVENT_SANDBOX_CHILD_PATH;
  const sandbox = new ScriptSandbox(childPath ? { childPath } : {});
  const alone = await sandbox.run({ source: 'return 44', tenantId: 't', scriptId: 's', version: 1 });
  await sandbox.stop();
  const results = [...ended, alone].map(({ result, error }) => result ?? error);
  const matched = matchFilter(parseFilter({ a: 1 }), { a: 1 });
  process.stdout.write(`${JSON.stringify([...results.toSorted(), matched])}\n`);
}

run().catch((error) => {
  // As hosts do: idle connections would keep the process for ten seconds more.
  process.stdout.write(`${error.name}: ${error.message}\n`, () => process.exit(1));
});

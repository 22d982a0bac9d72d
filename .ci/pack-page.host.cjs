// A whole application beside an installed tarball: it says its address, and runs one script for one event.
require('reflect-metadata');
const { Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { EventEmitter2, EventEmitterModule } = require('@nestjs/event-emitter');
const { ExpressAdapter } = require('@nestjs/platform-express');
const { FastifyAdapter } = require('@nestjs/platform-fastify');
const { ScheduleModule } = require('@nestjs/schedule');
const { TypeOrmModule } = require('@nestjs/typeorm');
const { ScriptsEventModule, ScriptService } = require('nestjs-scripts-event');
const { ScriptsEventAdminModule } = require('nestjs-scripts-event/admin');
const { SCRIPTS_EVENT_MIGRATIONS } = require('nestjs-scripts-event/migrations');

const session = {
  actor: { id: 'ann', name: 'Ann' },
  tenants: ['acme'],
  permissions: ['read', 'data', 'write', 'operate'],
};

class App {}
Module({
  imports: [
    EventEmitterModule.forRoot(),
    ScheduleModule.forRoot(),
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL,
      autoLoadEntities: true,
      migrations: SCRIPTS_EVENT_MIGRATIONS,
      migrationsRun: true,
    }),
    ScriptsEventModule.forRoot(),
    ScriptsEventAdminModule.forRoot({ access: () => session }),
  ],
})(App);

async function main() {
  const adapter = process.argv[2] === 'Fastify' ? new FastifyAdapter() : new ExpressAdapter();
  const app = await NestFactory.create(App, adapter, { logger: ['error', 'warn'] });
  process.on('disconnect', () => void app.close().then(() => process.exit()));
  await app.listen(0, '127.0.0.1');
  await app.get(ScriptService).create('acme', {
    name: 'Hello',
    // The editor marks the name that no such event has.
    source: 'return [ctx.input.email, ctx.input.emial];',
    eventTypes: ['user.created'],
    active: true,
  });
  app.get(EventEmitter2).emit('user.created', { tenantId: 'acme', userId: 1, email: 'ada@example.com' });
  process.send({ url: await app.getUrl() });
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

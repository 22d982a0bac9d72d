import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitter2, EventEmitterModule } from '@nestjs/event-emitter';
import { ScheduleModule } from '@nestjs/schedule';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ScriptService, ScriptsEventModule } from 'nestjs-scripts-event';
import { SCRIPTS_EVENT_MIGRATIONS } from 'nestjs-scripts-event/migrations';
import { type Contestant, Countdown, type Load, PAYLOAD, scriptOf, scriptsOf, SOURCE } from './contestant.js';

export type Driver = 'memory' | 'graphile-worker';

/** An application on its own schema, with all scripts of a load. The limits of tenants are higher than the load. */
export async function applicationOf(
  load: Load,
  url: string,
  driver: Driver,
): Promise<INestApplicationContext> {
  const schema = `bench_peers_${driver === 'memory' ? 'memory' : 'durable'}`;
  const admin = await new DataSource({ type: 'postgres', url }).initialize();
  await admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await admin.query(`CREATE SCHEMA ${schema}`);
  await admin.destroy();
  const types = Array.from({ length: load.scriptsPerTenant }, (_, n) => `client.changed_${n}`);
  const app = await NestFactory.createApplicationContext(
    {
      module: class BenchModule {},
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          url,
          schema,
          autoLoadEntities: true,
          migrations: SCRIPTS_EVENT_MIGRATIONS,
          migrationsRun: true,
          extra: { options: `-c search_path=${schema}` },
        }),
        EventEmitterModule.forRoot(),
        ScheduleModule.forRoot(),
        ScriptsEventModule.forRoot({
          buffer:
            driver === 'memory'
              ? { size: 1_000_000, maxRunsPerScript: 256 }
              : { driver, schema: `${schema}_worker`, maxRunsPerScript: 256 },
          events: {
            types: Object.fromEntries(types.map((type) => [type, { fields: Object.keys(PAYLOAD) }])),
          },
          metrics: { prometheus: false },
        }),
      ],
    },
    { logger: ['error'] },
  );
  const scripts = app.get(ScriptService);
  for (const { tenant, type } of scriptsOf(load))
    await scripts.create(tenant, { name: `on ${type}`, eventTypes: [type], source: SOURCE, active: true });
  return app;
}

/** This package in such an application. */
export async function ours(load: Load, url: string, driver: Driver): Promise<Contestant> {
  const app = await applicationOf(load, url, driver);
  const emitter = app.get(EventEmitter2);
  const dataSource = app.get(DataSource);
  const ends = new Countdown();
  emitter.on('script.execution.completed', () => ends.done());
  let before = 0;
  return {
    name: driver === 'memory' ? 'ours, in memory' : 'ours, durable',
    keeps:
      driver === 'memory'
        ? 'a record of each run; a run can only end its child'
        : 'the event from its commit on, a record of each run; a run can only end its child',
    async run(events) {
      const ended = ends.of(events);
      for (let n = 0; n < events; n++) {
        const { tenant, type } = scriptOf(load, n);
        emitter.emit(type, { ...PAYLOAD, tenantId: tenant });
      }
      await ended;
      before += events;
      await allRecorded(dataSource, before);
    },
    stop: () => app.close(),
  };
}

/** Waits until all records are stored: a run has ended when its record is stored. */
async function allRecorded(dataSource: DataSource, count: number): Promise<void> {
  for (;;) {
    const [row] = await dataSource.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM script_executions WHERE status = 'completed'`,
    );
    if ((row?.count ?? 0) >= count) return;
  }
}

import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitter2, EventEmitterModule } from '@nestjs/event-emitter';
import { ScheduleModule } from '@nestjs/schedule';
import { TypeOrmModule } from '@nestjs/typeorm';
import { EventBuffer, ExecutionService, ScriptService, ScriptsEventModule } from 'nestjs-scripts-event';
import { SCRIPTS_EVENT_MIGRATIONS } from 'nestjs-scripts-event/migrations';
import { startEmbeddedPostgres } from '../sample-app/src/database/embedded-postgres.js';
import { measureEmit } from './emit-cost.js';
import { runInFreshIsolate } from './fresh-isolate.js';
import { PoolAlone } from './pool-alone.js';

/**
 * Measures the pipeline of one application in memory mode: what `emit()` costs the caller, and how many executions per
 * second end and are stored. The same run also measures the pool of sandbox processes by itself, and a fresh isolate in the
 * host's process for each script, as Directus does.
 */
const ROUNDS = 5;
/** Rounds before the measured ones. V8 has then compiled what runs often, as in an application that has run for a minute. */
const WARMING_ROUNDS = 4;
/** So many that the first and the last milliseconds of a round, in which not all parts have work, hardly count. */
const EVENTS = 6_000;
/** Events of a round for each fresh isolate. */
const EVENTS_PER_ISOLATE = 20;
const SOURCE = `sdk.log.info('User created', { email: ctx.input.email });\nreturn ctx.input.userId;`;

const median = (values: number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
};

const event = (tenantId: string) => ({
  tenantId,
  userId: 7,
  email: 'ada@example.com',
  firstName: 'Ada',
  lastName: 'Lovelace',
});

async function main(): Promise<void> {
  Logger.overrideLogger(['error', 'warn']);
  const database = await startEmbeddedPostgres();
  try {
    const app = await NestFactory.createApplicationContext(
      {
        module: class BenchModule {},
        imports: [
          TypeOrmModule.forRoot({
            type: 'postgres',
            url: database.url,
            autoLoadEntities: true,
            migrations: SCRIPTS_EVENT_MIGRATIONS,
            migrationsRun: true,
          }),
          EventEmitterModule.forRoot(),
          ScheduleModule.forRoot(),
          ScriptsEventModule.forRoot({
            buffer: { size: 1_000_000, maxRunsPerScript: 256 },
            sandbox: { minProcesses: availableParallelism() },
            metrics: { prometheus: false },
          }),
        ],
      },
      { logger: ['error', 'warn'] },
    );
    try {
      console.log(
        `Node.js ${process.version}, ${availableParallelism()} cores, medians of ${ROUNDS} rounds\n`,
      );
      const emitter = app.get(EventEmitter2);
      await measureEmit({ emitter, scripts: app.get(ScriptService), buffer: app.get(EventBuffer) }, ROUNDS);
      await endToEnd(
        app.get(EventEmitter2),
        app.get(ScriptService),
        app.get(ExecutionService),
        app.get(EventBuffer),
      );
    } finally {
      await app.close();
    }
  } finally {
    await database.stop();
  }
}

async function endToEnd(
  emitter: EventEmitter2,
  scripts: ScriptService,
  executions: ExecutionService,
  buffer: EventBuffer,
): Promise<void> {
  const script = await scripts.create('bench', {
    name: 'bench',
    eventTypes: ['user.created'],
    source: SOURCE,
    active: true,
  });
  const alone = new PoolAlone(SOURCE, event('bench'));
  await alone.start();
  const ours: number[] = [];
  const pool: number[] = [];
  const fresh: number[] = [];
  const hostUs: number[] = [];
  for (let round = -WARMING_ROUNDS; round < ROUNDS; round++) {
    const [cpu, started] = [process.cpuUsage(), performance.now()];
    for (let i = 0; i < EVENTS; i++) emitter.emit('user.created', event('bench'));
    await buffer.drain(600_000);
    // Records are stored in order. This call waits for its own record, so all earlier ones are stored then.
    await executions.execute(script.id, event('bench'), { tenantId: 'bench' });
    const perSecond = (EVENTS * 1000) / (performance.now() - started);
    const { user, system } = process.cpuUsage(cpu);
    const poolPerSecond = await alone.run(EVENTS);
    const peer = freshIsolates(EVENTS / EVENTS_PER_ISOLATE);
    if (round < 0) continue;
    ours.push(perSecond);
    hostUs.push((user + system) / EVENTS);
    pool.push(poolPerSecond);
    fresh.push(peer);
  }
  await alone.stop();
  const ratioTo = (others: number[]): string =>
    median(ours.map((value, i) => value / others[i]!))
      .toFixed(2)
      .padStart(15);
  console.log('\nexecutions                      per second');
  console.log(`  end to end, records stored ${median(ours).toFixed(0).padStart(15)}`);
  console.log(`  the pool alone             ${median(pool).toFixed(0).padStart(15)}   (nothing recorded)`);
  console.log(
    `  fresh isolate in the host  ${median(fresh).toFixed(0).padStart(15)}   (nothing recorded, no safety)`,
  );
  console.log(
    `  µs of the host's processor ${median(hostUs).toFixed(0).padStart(15)}   (for each of ours, emit() included)`,
  );
  console.log(`  ratio to the pool          ${ratioTo(pool)}`);
  console.log(`  ratio to fresh isolates    ${ratioTo(fresh)}`);
}

/** Runs per second of the same script with a new isolate for each run, in this process. */
function freshIsolates(runs: number): number {
  const started = performance.now();
  for (let i = 0; i < runs; i++) runInFreshIsolate(SOURCE, { ...event('bench'), id: randomUUID() });
  return (runs * 1000) / (performance.now() - started);
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { ScheduleModule } from '@nestjs/schedule';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ScriptsEventModule } from '../lib/index.js';
import { ENGINE, OURS } from './durable-setup.js';

/** An application as in production. The benchmark forks it, so that it has its own process. */
@Module({
  imports: [
    EventEmitterModule.forRoot(),
    ScheduleModule.forRoot(),
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.BENCH_DATABASE_URL,
      schema: OURS,
      autoLoadEntities: true,
      extra: { options: `-c search_path=${OURS}`, max: 10 },
    }),
    ScriptsEventModule.forRoot({
      buffer: { driver: 'graphile-worker', schema: ENGINE, maxRunsPerScript: 10 },
      metrics: { prometheus: false },
    }),
  ],
})
class BenchNode {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(BenchNode, { logger: ['error'] });
  process.on('message', () => void app.close().then(() => process.disconnect()));
  process.send?.('ready');
}

void main();

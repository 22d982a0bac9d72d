import { NestFactory } from '@nestjs/core';
import type { INestApplication, LogLevel } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule, type AppSettings } from './app.module.js';

/** The application, made but not started. */
export async function createApp(settings: AppSettings, logLevels: LogLevel[]): Promise<INestApplication> {
  // Without abortOnError: false, Nest ends the process if the database is away. The caller has more to clean up.
  const app = await NestFactory.create<NestExpressApplication>(AppModule.register(settings), {
    logger: logLevels,
    abortOnError: false,
  });
  // By default, Express accepts 100 KB. A script alone may be as long.
  app.useBodyParser('json', { limit: '1mb' });
  return app;
}

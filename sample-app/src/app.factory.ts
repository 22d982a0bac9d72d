import { NestFactory } from '@nestjs/core';
import type { INestApplication, LogLevel } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule, type AppSettings } from './app.module.js';

/** The application, made but not started. */
export async function createApp(settings: AppSettings, logLevels: LogLevel[]): Promise<INestApplication> {
  // Nest would end the process by itself when the database is away; the caller has more to clean up.
  const app = await NestFactory.create<NestExpressApplication>(AppModule.register(settings), {
    logger: logLevels,
    abortOnError: false,
  });
  // Express takes 100 KB by itself, and a script alone may be as long.
  app.useBodyParser('json', { limit: '1mb' });
  return app;
}

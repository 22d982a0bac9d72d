import { NestFactory } from '@nestjs/core';
import type { INestApplication, LogLevel } from '@nestjs/common';
import { AppModule, type AppSettings } from './app.module.js';

/** The application, made but not started. */
export function createApp(settings: AppSettings, logLevels: LogLevel[]): Promise<INestApplication> {
  // Nest would end the process by itself when the database is away; the caller has more to clean up.
  return NestFactory.create(AppModule.register(settings), { logger: logLevels, abortOnError: false });
}

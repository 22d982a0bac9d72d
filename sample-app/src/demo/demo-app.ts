import { randomBytes } from 'node:crypto';
import type { INestApplication } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import type { ScriptsEventModuleOptions } from 'nestjs-scripts-event';
import { ScriptSandbox } from 'nestjs-scripts-event/sandbox';
import { DataSource } from 'typeorm';
import { createApp } from '../app.factory.js';
import { openDatabase } from '../database/database.js';
import { type ChatServer, startChatServer } from './chat-server.js';
import { EventObserver } from './event-observer.js';
import { ProcessObserver } from './process-observer.js';

/** Short times, so that a day's worth of retries fits in seconds. */
const DEMO_OPTIONS = {
  retry: { maxRetries: 2, initialDelay: '1500ms', backoffFactor: 2, jitter: 0, interval: '50ms' },
  metrics: { deadLetterCacheTime: 0 },
  // The digest is due on Mondays at 8:00 in Berlin. Without schedules, the demo is the same at any time.
  schedules: { enabled: false },
  shutdownTimeout: '10s',
} as const satisfies ScriptsEventModuleOptions;

/** The running app, and what the demo observes besides its HTTP API. */
export interface DemoApp {
  baseUrl: string;
  database: string;
  events: EventObserver;
  processes: ProcessObserver;
  /** The chat service that a script calls. */
  chat: ChatServer;
  /** Stops the app gracefully, and returns the milliseconds it took. */
  stop(): Promise<number>;
  /** Removes the database, or the demo's schema of it. */
  cleanUp(): Promise<void>;
}

/** Boots the app on a free port, on a schema of its own. */
export async function startDemoApp(): Promise<DemoApp> {
  const database = await openDatabase();
  const chat = await startChatServer();
  const schema = `scripts_event_demo_${randomBytes(4).toString('hex')}`;
  const cleanUp = async (): Promise<void> => {
    try {
      await inDatabase(database.url, `DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    } finally {
      chat.stop();
      await database.stop();
    }
  };
  let app: INestApplication | undefined;
  try {
    await inDatabase(database.url, `CREATE SCHEMA ${schema}`);
    const settings = { databaseUrl: database.url, databaseSchema: schema, scriptsEvent: optionsFor(chat) };
    app = await createApp(settings, ['fatal']);
    const processes = new ProcessObserver(app.get(ScriptSandbox));
    const events = new EventObserver(app.get(EventEmitter2));
    await app.listen(0, '127.0.0.1');
    return {
      baseUrl: await app.getUrl(),
      database: database.description,
      events,
      processes,
      chat,
      stop: stopper(app),
      cleanUp,
    };
  } catch (error) {
    await app?.close();
    await cleanUp();
    throw error;
  }
}

/** Options that allow the chat server, which is on this machine. A real one has a public address and TLS. */
const optionsFor = ({ host }: ChatServer): ScriptsEventModuleOptions => ({
  ...DEMO_OPTIONS,
  secrets: { keys: [`demo:${randomBytes(32).toString('base64')}`] },
  http: { allowedHosts: [host], allowPrivateAddresses: ['127.0.0.1'], allowPlainHttp: true },
});

function stopper(app: INestApplication): () => Promise<number> {
  let stopped: Promise<number> | undefined;
  const stop = async (): Promise<number> => {
    const began = performance.now();
    await app.close();
    return performance.now() - began;
  };
  return () => (stopped ??= stop());
}

async function inDatabase(url: string, statement: string): Promise<void> {
  const connection = await new DataSource({ type: 'postgres', url }).initialize();
  try {
    await connection.query(statement);
  } finally {
    await connection.destroy();
  }
}

import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { ScriptService } from 'nestjs-scripts-event';
import { openTelemetryTracing } from 'nestjs-scripts-event/opentelemetry';
import { createApp } from './app.factory.js';
import { seedScripts } from './automation/seed.js';
import { projectFolder } from './common/project-folder.js';
import { openDatabase, type Database } from './database/database.js';
import { Traces } from './observability/traces.js';

const TENANT = 'acme';
const DEFAULT_PORT = 3000;

async function main(): Promise<void> {
  const parent = projectFolder();
  const database = await openDatabase({ parent, folder: join(parent, '.cache', 'sample-database') });
  let app: INestApplication | undefined;
  try {
    const traces = Traces.start(process.env.OTEL_EXPORTER_OTLP_ENDPOINT);
    const scriptsEvent = traces ? { tracing: { adapter: openTelemetryTracing() } } : {};
    app = await createApp({ databaseUrl: database.url, scriptsEvent }, ['warn', 'error', 'fatal']);
    await app.listen(Number(process.env.PORT ?? DEFAULT_PORT), '127.0.0.1');
    const seeded = await seedScripts(app.get(ScriptService), TENANT);
    stopOnSignal(app, database, traces);
    console.log(greeting(await app.getUrl(), database.description, seeded));
  } catch (error) {
    await app?.close();
    await database.stop();
    throw error;
  }
}

/**
 * Stops the app, then its database. Nest's own `enableShutdownHooks()` can't do that: it ends the process as soon as the app
 * is closed, before the embedded server is stopped.
 */
function stopOnSignal(app: INestApplication, database: Database, traces: Traces | undefined): void {
  const stop = async (signal: string): Promise<void> => {
    console.log(`\n${signal}: finishing what is queued, then stopping. Once more to stop at once.`);
    try {
      await app.close();
      await traces?.stop();
      await database.stop();
      console.log('Stopped.');
    } catch (error) {
      console.error(error);
      process.exitCode = 1;
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      process.once(signal, () => process.exit(1));
      // Both are stopped now. A library of the host may still have a timer, which would keep the process alive.
      void stop(signal).finally(() => process.exit());
    });
  }
}

function greeting(url: string, database: string, seeded: number): string {
  const curl = (path: string, more = ''): string =>
    `  curl -s '${url}${path}' -H 'x-tenant-id: ${TENANT}'${more}`;
  const post = (path: string, body: object): string =>
    curl(path, ` -H 'content-type: application/json' -d '${JSON.stringify(body)}'`);
  return `
The back office runs at ${url}
  ${database}
  tenant "${TENANT}" ${seeded > 0 ? `got the ${seeded} scripts of sample-app/scripts` : 'has its scripts already'}

The admin page: sign in as Nora to begin with nothing, or as Ada, Rita or Olga to look at the scripts of acme
  ${url}/scripts-event

Health and metrics
  ${url}/health
  ${url}/metrics

An event for a script with a filter, and one for a script that fails first
${post('/clients', { name: 'Important & Partners', email: 'important@client.com' })}
${post('/expenses', { amount: 2300, currency: 'EUR', category: 'equipment' })}

What the scripts did, and what is kept for a retry
${curl('/executions')}
${curl('/dead-letters')}

A script of your own
${post('/scripts', {
  name: 'Hello',
  eventTypes: ['client.created'],
  source: 'return "Hello " + ctx.input.name;',
  active: true,
})}

Ctrl-C stops it.
`;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

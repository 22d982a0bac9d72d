import type { INestApplication } from '@nestjs/common';
import { ScriptService } from 'nestjs-scripts-event';
import { DataSource } from 'typeorm';
import { v7 } from 'uuid';
import { createApp } from './app.factory.js';
import { seedScripts } from './automation/seed.js';
import { openDatabase } from './database/database.js';

/** The tenant whose events fill the day. */
export const TENANT = 'acme';

const HOURS = 24;
const HOUR_MS = 3_600_000;

/** Starts the application, fills it with a day of events, some of which have failed, and calls `look`. */
export async function withBusyDay(
  look: (url: string, app: INestApplication) => Promise<void>,
): Promise<void> {
  const database = await openDatabase();
  let app: INestApplication | undefined;
  try {
    app = await createApp(
      {
        databaseUrl: database.url,
        scriptsEvent: { retry: { maxRetries: 1, initialDelay: '100ms', interval: '100ms' } },
      },
      ['warn', 'error', 'fatal'],
    );
    await app.listen(0, '127.0.0.1');
    await seedScripts(app.get(ScriptService), TENANT);
    await fillDay(app);
    await sendEvents(await app.getUrl());
    await look(await app.getUrl(), app);
  } finally {
    await app?.close();
    await database.stop();
  }
}

/** Inserts executions of the last 24 hours, more by day than by night. */
async function fillDay(app: INestApplication): Promise<void> {
  const { items } = await app.get(ScriptService).list(TENANT, {});
  const script = items.find(({ name }) => name === 'Payment receipt') ?? items[0];
  const rows = Array.from({ length: HOURS - 1 }, (_, hour) => {
    const count = Math.round(22 + 18 * Math.sin((hour / HOURS) * Math.PI * 2 - 1));
    return Array.from({ length: count }, (__, n) => ({
      at: Date.now() - (HOURS - 1 - hour) * HOUR_MS + n * 60_000,
      n,
    }));
  }).flat();
  for (const [position, { at, n }] of rows.entries())
    await app.get(DataSource).query(
      `INSERT INTO script_executions (id, tenant_id, script_id, script_version, event_id, event_type, attempt, trigger, status,
         error_kind, error_message, error_line, duration_ms, cpu_ms, queue_ms, idempotency_key, started_at, finished_at)
       VALUES ($1, $2, $3, 1, $4, 'payment.completed', 1, 'event', $5, $6, $7, $8, 12, 3, 2, $4, $9, $9)`,
      [
        v7({ msecs: at }),
        TENANT,
        script?.id,
        `seed-${position}`,
        n % 13 === 7 ? 'failed' : 'completed',
        n % 13 === 7 ? 'timeout' : null,
        n % 13 === 7 ? 'The script ran longer than timeoutMs = 10000.' : null,
        n % 13 === 7 ? 4 : null,
        new Date(at),
      ],
    );
  // The package counts executions when it stores them. These were inserted directly, so they are counted here.
  await app.get(DataSource).query(
    `INSERT INTO script_statistics (hour, tenant_id, script_id, writer, completed, failed, duration_ms, queue_ms)
     SELECT date_trunc('hour', started_at, 'UTC'), tenant_id, script_id, 0, count(*) FILTER (WHERE status = 'completed'),
       count(*) FILTER (WHERE status = 'failed'), sum(duration_ms), sum(queue_ms)
     FROM script_executions GROUP BY 1, 2, 3`,
  );
}

async function sendEvents(url: string): Promise<void> {
  const post = async (path: string, body: object): Promise<void> => {
    await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-tenant-id': TENANT, 'x-user-id': 'ada' },
      body: JSON.stringify(body),
    });
  };
  for (let n = 1; n <= 8; n += 1) {
    await post('/clients', { name: `Important & Partners ${n}`, email: 'important@client.com' });
    if (n <= 3) await post('/expenses', { amount: 2_300 + n, currency: 'EUR', category: 'equipment' });
    await post('/payments', { amount: 750 * n, currency: 'EUR' });
  }
}

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplication } from '@nestjs/common';
import { ScriptService } from 'nestjs-scripts-event';
import { createApp } from './app.factory.js';
import { seedScripts } from './automation/seed.js';
import { type Line, linesOf, type Panel, readPanels } from './board/board.js';
import { drawBoard } from './board/draw.js';
import { Prometheus } from './board/prometheus.js';
import { projectFolder } from './common/project-folder.js';
import { openDatabase } from './database/database.js';
import { TenantApi } from './demo/tenant-api.js';

const TENANT = 'acme';
const MINUTES = Number(process.env.BOARD_MINUTES ?? 4);
const STEP_SECONDS = 4;

/**
 * Draws docs/images/board.svg: runs the sample under a changing load, lets Prometheus scrape it, and queries from Prometheus
 * what each panel of grafana/scripts-event.json shows.
 */
async function main(): Promise<void> {
  const database = await openDatabase();
  let app: INestApplication | undefined;
  let prometheus: Prometheus | undefined;
  try {
    app = await createApp(
      {
        databaseUrl: database.url,
        scriptsEvent: {
          retry: { maxRetries: 2, initialDelay: '5s', interval: '1s' },
          metrics: { deadLetterCacheTime: '1s', tableSizeCacheTime: '5s' },
        },
      },
      ['fatal'],
    );
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    await seedScripts(app.get(ScriptService), TENANT);
    prometheus = await Prometheus.start(new URL(url).host);
    const from = Math.floor(Date.now() / 1_000);
    await load(url, from + MINUTES * 60);
    await draw(prometheus, from, Math.floor(Date.now() / 1_000));
  } finally {
    await prometheus?.stop();
    await app?.close();
    await database.stop();
  }
}

/** Sends requests at a changing rate, and more than usual in every third minute. */
async function load(url: string, until: number): Promise<void> {
  const api = new TenantApi(url, TENANT, 'ada');
  for (let second = 0; Date.now() / 1_000 < until; second += 1) {
    const count = Math.round(4 + 3 * Math.sin(second / 12)) + (second % 120 > 95 ? 8 : 0);
    const requests = Array.from({ length: count }, (_, at) => {
      const n = second * 20 + at;
      if (at % 3 === 1)
        return api.send('POST', '/payments', { amount: 300 + 10 * (n % 90), currency: 'EUR' });
      if (at % 7 === 3)
        return api.send('POST', '/expenses', { amount: 2_000 + n, currency: 'EUR', category: 'equipment' });
      return api.send('POST', '/clients', { name: `Client ${n}`, email: 'important@client.com' });
    });
    await Promise.all([...requests, sleep(1_000)]);
  }
}

async function draw(prometheus: Prometheus, from: number, to: number): Promise<void> {
  const range = { start: `${from}`, end: `${to}`, step: `${STEP_SECONDS}` };
  const shown: [Panel, Line[]][] = [];
  for (const panel of readPanels()) {
    const lines = await linesOf(panel, (expression, instant) =>
      prometheus.ask(expression, instant ? { time: `${to}` } : range),
    );
    shown.push([panel, lines]);
  }
  const folder = join(projectFolder(), 'docs', 'images');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'board.svg'), drawBoard(shown, { from, to }));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

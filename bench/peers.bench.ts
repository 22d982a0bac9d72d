import 'reflect-metadata';
import { availableParallelism, cpus } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Logger } from '@nestjs/common';
import { startEmbeddedPostgres } from '../sample-app/src/database/embedded-postgres.js';
import { bullmq, graphileWorker, listener } from './peers/by-hand.js';
import type { Contestant, Load } from './peers/contestant.js';
import { ours } from './peers/ours.js';
import { startRedis } from './peers/redis.js';

/**
 * Compares the ways to run a tenant's script when an event occurs. They take turns in each round. Measures runs per second,
 * from the first event to the end of the last run, and how long the host's event loop is blocked in that time.
 */
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const EVENTS = Number(process.env.BENCH_EVENTS ?? 3_000);
const LOADS: [string, Load][] = [
  ['1 script', { tenants: 1, scriptsPerTenant: 1 }],
  ['100 scripts of 20 tenants', { tenants: 20, scriptsPerTenant: 5 }],
  ['1,000 scripts of 200 tenants', { tenants: 200, scriptsPerTenant: 5 }],
];

interface Figures {
  perSecond: number[];
  /** The longest delay of the event loop in each round, in milliseconds. */
  stalls: number[];
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function round(contestant: Contestant, figures: Figures | null): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const from = performance.now();
  await contestant.run(EVENTS);
  const perSecond = (EVENTS * 1_000) / (performance.now() - from);
  delay.disable();
  figures?.perSecond.push(perSecond);
  figures?.stalls.push(delay.max / 1e6);
}

async function compare(name: string, contestants: Contestant[]): Promise<void> {
  const figures = new Map<Contestant, Figures>(
    contestants.map((one) => [one, { perSecond: [], stalls: [] }]),
  );
  // The first round warms up.
  for (let n = 0; n <= ROUNDS; n++)
    for (const [contestant, kept] of figures) await round(contestant, n === 0 ? null : kept);
  const base = median([...figures.values()][0]!.perSecond);
  console.log(`\n${name.padEnd(48)} runs/s    ratio   longest stall of the loop`);
  for (const [{ name: who, keeps }, { perSecond, stalls }] of figures) {
    const rate = median(perSecond);
    const columns = [
      rate.toFixed(0).padStart(6),
      (rate / base).toFixed(2).padStart(8),
      `${median(stalls).toFixed(0).padStart(6)} ms`,
    ];
    console.log(`  ${who.padEnd(46)} ${columns.join(' ')}   ${keeps}`);
  }
}

async function main(): Promise<void> {
  Logger.overrideLogger(['error']);
  const database = await startEmbeddedPostgres();
  const redis = await startRedis();
  console.log(
    `Node.js ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model}, ${EVENTS} events a round, medians of ${ROUNDS} rounds`,
  );
  if (!redis)
    console.log('BullMQ is left out: redis-server is not installed (Debian: apt-get install redis-server)');
  try {
    for (const [name, load] of LOADS) {
      const contestants = [
        listener(load),
        ...(redis ? [await bullmq(load, redis.port)] : []),
        await graphileWorker(load, database.url),
        await ours(load, database.url, 'memory'),
        await ours(load, database.url, 'graphile-worker'),
      ];
      await compare(name, contestants);
      for (const contestant of contestants) await contestant.stop();
    }
  } finally {
    await redis?.stop();
    await database.stop();
  }
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

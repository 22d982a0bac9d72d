import 'reflect-metadata';
import { availableParallelism, cpus } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Logger } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { EventBuffer } from 'nestjs-scripts-event';
import { ScriptSandbox } from 'nestjs-scripts-event/sandbox';
import { DataSource } from 'typeorm';
import { startEmbeddedPostgres } from '../sample-app/src/database/embedded-postgres.js';
import { type Load, PAYLOAD, scriptOf } from './peers/contestant.js';
import { applicationOf, type Driver } from './peers/ours.js';

/**
 * Emits events at a steady rate for minutes, for many scripts. Checks that each runs once, and measures whether memory grows
 * and how long the event loop of the application is blocked. See bench/README.md.
 */
const LOAD: Load = { tenants: 200, scriptsPerTenant: 5 };
const TICK_MS = 10;
/** Milliseconds between two measurements of the event loop. The measured delays include them. */
const DELAY_MS = 5;
const SAMPLE_MS = 5_000;
/** The share of the time after which memory should no longer grow. */
const SETTLED = 1 / 3;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Sample {
  /** Minutes since the first event. */
  at: number;
  /** Megabytes of the heap, garbage included. */
  heapMb: number;
  /** Resident megabytes of this process. */
  hostMb: number;
  /** Resident megabytes of the sandbox processes. */
  childrenMb: number;
  queued: number;
}

const megabytes = (bytes: number): number => bytes / 1024 / 1024;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The rise per minute of the line that fits the samples best, by least squares. */
function slope(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const middle = mean(samples.map(({ at }) => at));
  const height = mean(samples.map(of));
  const rise = samples.reduce((sum, each) => sum + (each.at - middle) * (of(each) - height), 0);
  return rise / samples.reduce((sum, { at }) => sum + (at - middle) ** 2, 0);
}

/** Emits events at a steady rate. After a delay, emits the late ones at once. */
async function emitSteadily(
  emitter: EventEmitter2,
  rate: number,
  durationMs: number,
  everySample: (emitted: number) => void,
): Promise<number> {
  const began = performance.now();
  let emitted = 0;
  let sampled = 0;
  for (;;) {
    const passed = performance.now() - began;
    const due = Math.floor((Math.min(passed, durationMs) * rate) / 1_000);
    for (; emitted < due; emitted++) {
      const { tenant, type } = scriptOf(LOAD, emitted);
      emitter.emit(type, { ...PAYLOAD, clientId: emitted, tenantId: tenant });
    }
    if (passed >= durationMs) return emitted;
    if (passed - sampled >= SAMPLE_MS) {
      sampled = passed;
      everySample(emitted);
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
}

interface Stored {
  completed: number;
  failed: number;
  /** Number of events with a completed execution. */
  events: number;
  letters: number;
}

async function storedIn(dataSource: DataSource): Promise<Stored> {
  const [row] = await dataSource.query<Stored[]>(
    `SELECT count(*) FILTER (WHERE status = 'completed')::int AS completed,
            count(*) FILTER (WHERE status <> 'completed')::int AS failed,
            count(DISTINCT event_id) FILTER (WHERE status = 'completed')::int AS events,
            (SELECT count(*) FROM dead_letter_queue)::int AS letters
     FROM script_executions`,
  );
  return row as Stored;
}

/** Waits until every event has its execution, or until no record was stored for some time. */
async function settled(dataSource: DataSource, emitted: number): Promise<Stored> {
  let last = await storedIn(dataSource);
  for (let quiet = 0; quiet < 20 && last.events + last.letters < emitted; quiet++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const now = await storedIn(dataSource);
    if (now.completed + now.failed + now.letters > last.completed + last.failed + last.letters) quiet = 0;
    last = now;
  }
  return last;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      rate: { type: 'string', default: '200' },
      driver: { type: 'string', default: 'memory' },
    },
  });
  const [minutes, rate] = [Number(values.minutes), Number(values.rate)];
  Logger.overrideLogger(['error']);
  const database = await startEmbeddedPostgres();
  try {
    const app = await applicationOf(LOAD, database.url, values.driver as Driver);
    const [emitter, dataSource] = [app.get(EventEmitter2), app.get(DataSource)];
    const [sandbox, buffer] = [app.get(ScriptSandbox), app.get(EventBuffer)];
    console.log(
      `Node.js ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model}, ${values.driver}: ` +
        `${rate} events a second for ${minutes} minutes, over ${LOAD.tenants * LOAD.scriptsPerTenant} scripts of ${LOAD.tenants} tenants\n`,
    );
    const samples: Sample[] = [];
    const began = performance.now();
    const look = (emitted: number): void => {
      const { heapUsed, rss } = process.memoryUsage();
      const sample: Sample = {
        at: (performance.now() - began) / 60_000,
        heapMb: megabytes(heapUsed),
        hostMb: megabytes(rss),
        childrenMb: megabytes(sandbox.stats().rssBytes),
        queued: buffer.stats().depth,
      };
      samples.push(sample);
      if (samples.length % 12 === 0)
        console.log(
          `${sample.at.toFixed(1).padStart(5)} min ${emitted} emitted, ${sample.queued} queued, host ${sample.hostMb.toFixed(0)} MB, sandbox ${sample.childrenMb.toFixed(0)} MB`,
        );
    };
    collectGarbage();
    const heapBefore = process.memoryUsage().heapUsed;
    const delay = monitorEventLoopDelay({ resolution: DELAY_MS });
    delay.enable();
    const emitted = await emitSteadily(emitter, rate, minutes * 60_000, look);
    delay.disable();
    const stored = await settled(dataSource, emitted);
    collectGarbage();
    const grownMb = megabytes(process.memoryUsage().heapUsed - heapBefore);
    const later = samples.slice(Math.floor(samples.length * SETTLED));
    const lost = emitted - stored.events - stored.letters;
    const twice = stored.completed - stored.events;
    const perMinute = (of: (sample: Sample) => number): string => slope(later, of).toFixed(2);
    const ms = (nanoseconds: number): string => Math.max(0, nanoseconds / 1e6 - DELAY_MS).toFixed(1);
    console.log(
      `\nevents ${emitted}, completed ${stored.completed}, failed ${stored.failed}, dead letters ${stored.letters}`,
    );
    console.log(
      `lost ${lost}, run twice ${twice}, most queued ${Math.max(...samples.map(({ queued }) => queued))}`,
    );
    console.log(
      `memory, MB a minute after the first third: host ${perMinute(({ hostMb }) => hostMb)}, sandbox ${perMinute(({ childrenMb }) => childrenMb)}; ` +
        `heap without garbage, end against start: ${grownMb.toFixed(1)} MB`,
    );
    console.log(
      `delay of the event loop, ms: p50 ${ms(delay.percentile(50))}, p99 ${ms(delay.percentile(99))}, highest ${ms(delay.max)}`,
    );
    await app.close();
    if (lost !== 0 || twice !== 0) process.exitCode = 1;
  } finally {
    await database.stop();
  }
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

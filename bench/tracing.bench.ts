import 'reflect-metadata';
import { availableParallelism } from 'node:os';
import { type INestApplicationContext, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitter2, EventEmitterModule } from '@nestjs/event-emitter';
import { ScheduleModule } from '@nestjs/schedule';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  type Context,
  context,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  trace,
  type TracerProvider,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { EventBuffer, ScriptService, ScriptsEventModule } from 'nestjs-scripts-event';
import { SCRIPTS_EVENT_MIGRATIONS } from 'nestjs-scripts-event/migrations';
import { openTelemetryTracing } from 'nestjs-scripts-event/opentelemetry';
import { startEmbeddedPostgres } from '../sample-app/src/database/embedded-postgres.js';

/**
 * Measures what tracing adds to an event, from `emit()` to the stored record, with one script that calls no binding. Four
 * applications in one process take turns with the same events. Each event is emitted in the span of a request, which the host
 * has made before. The processor time is that of the host's process, without the sandbox.
 */
const EVENTS = 1_000;
const ROUNDS = 11;
/** Rounds before the measured ones, in which V8 compiles what runs often. */
const WARMING = 6;

/** Takes spans as an exporter does and drops them: the cost of sending depends on the receiver. */
const NOWHERE = {
  export: (_spans: unknown, done: (result: { code: number }) => void): void => done({ code: 0 }),
  shutdown: () => Promise.resolve(),
};

const sdk = (sampler: Sampler): TracerProvider =>
  new BasicTracerProvider({
    sampler: new ParentBasedSampler({ root: sampler }),
    spanProcessors: [new BatchSpanProcessor(NOWHERE, { maxQueueSize: 100_000 })],
  });

interface Mode {
  name: string;
  /** Null if the option `tracing.adapter` is not set. */
  provider: TracerProvider | null;
  /** Makes the spans of the host's requests, which cost memory in any case. */
  host: TracerProvider;
}

const SOME = sdk(new TraceIdRatioBasedSampler(0.1));
const ALL = sdk(new AlwaysOnSampler());

const MODES: Mode[] = [
  { name: 'without an adapter', provider: null, host: ALL },
  // Makes no spans: the trace of the host's request goes on as it is.
  { name: 'no-op provider', provider: new ProxyTracerProvider(), host: ALL },
  { name: 'SDK, 1 request in 10', provider: SOME, host: SOME },
  { name: 'SDK, every request', provider: ALL, host: ALL },
];

interface Running extends Mode {
  app: INestApplicationContext;
  /** One figure for each measured round, in microseconds for one event. */
  emit: number[];
  cpu: number[];
}

async function main(): Promise<void> {
  Logger.overrideLogger(['error', 'warn']);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const database = await startEmbeddedPostgres();
  const running: Running[] = [];
  try {
    for (const mode of MODES)
      running.push({ ...mode, app: await start(database.url, mode), emit: [], cpu: [] });
    await running[0]!.app.get(ScriptService).create('acme', {
      name: 'bench',
      eventTypes: ['user.created'],
      source: 'return ctx.input.userId;',
      active: true,
    });
    for (const { app } of running) await knowsScript(app);
    for (let round = 0; round < WARMING + ROUNDS; round++) {
      // Another application begins each round, so that none always runs after the same one.
      for (let turn = 0; turn < running.length; turn++) {
        const one = running[(round + turn) % running.length]!;
        const { emit, cpu } = await measure(one);
        if (round < WARMING) continue;
        one.emit.push(emit);
        one.cpu.push(cpu);
      }
    }
    report(running);
  } finally {
    for (const { app } of running) await app.close();
    await database.stop();
  }
}

const start = (url: string, { provider }: Mode): Promise<INestApplicationContext> =>
  NestFactory.createApplicationContext(
    {
      module: class BenchModule {},
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          url,
          autoLoadEntities: true,
          migrations: SCRIPTS_EVENT_MIGRATIONS,
          migrationsRun: true,
        }),
        EventEmitterModule.forRoot(),
        ScheduleModule.forRoot(),
        ScriptsEventModule.forRoot({
          buffer: { size: 1_000_000, maxRunsPerScript: 256 },
          sandbox: { minProcesses: 1, maxProcesses: 1 },
          metrics: { prometheus: false },
          tracing: { adapter: provider ? openTelemetryTracing({ tracerProvider: provider }) : undefined },
        }),
      ],
    },
    { logger: ['error', 'warn'] },
  );

/** Emits until the script runs. Another application has created it, so this one learns of it a little later. */
async function knowsScript(app: INestApplicationContext): Promise<void> {
  const emitter = app.get(EventEmitter2);
  const ran: unknown[] = [];
  emitter.once('script.execution.completed', (execution) => ran.push(execution));
  while (ran.length === 0) {
    emitter.emit('user.created', EVENT);
    await app.get(EventBuffer).drain(60_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const EVENT = {
  tenantId: 'acme',
  userId: 7,
  email: 'ada@example.com',
  firstName: 'Ada',
  lastName: 'Lovelace',
};

async function measure({ app, host }: Running): Promise<{ emit: number; cpu: number }> {
  const emitter = app.get(EventEmitter2);
  const requests = Array.from({ length: EVENTS }, () => requestOf(host));
  const before = process.cpuUsage();
  const from = performance.now();
  for (const request of requests) context.with(request, () => emitter.emit('user.created', EVENT));
  const emit = performance.now() - from;
  await app.get(EventBuffer).drain(600_000);
  const { user, system } = process.cpuUsage(before);
  return { emit: (emit * 1_000) / EVENTS, cpu: (user + system) / EVENTS };
}

const requestOf = (host: TracerProvider): Context =>
  trace.setSpan(ROOT_CONTEXT, host.getTracer('bench').startSpan('request', {}, ROOT_CONTEXT));

function report(running: readonly Running[]): void {
  console.log(
    `Node.js ${process.version}, ${availableParallelism()} cores, medians of ${ROUNDS} rounds of ${EVENTS} events\n`,
  );
  console.log('                         emit(), µs   ratio   CPU of an event, µs   ratio');
  const [plain] = running as [Running, ...Running[]];
  for (const { name, emit, cpu } of running)
    console.log(
      `  ${name.padEnd(22)} ${figure(emit).padStart(10)} ${ratio(emit, plain.emit).padStart(7)} ` +
        `${figure(cpu).padStart(21)} ${ratio(cpu, plain.cpu).padStart(7)}`,
    );
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const figure = (values: readonly number[]): string => median(values).toFixed(1);
/** The ratio within each round, because the machine may be slower in one round than in another. */
const ratio = (values: readonly number[], others: readonly number[]): string =>
  median(values.map((value, round) => value / others[round]!)).toFixed(2);

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

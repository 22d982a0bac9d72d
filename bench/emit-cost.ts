import { PerformanceObserver } from 'node:perf_hooks';
import type { EventEmitter2 } from '@nestjs/event-emitter';
import type { EventBuffer, ScriptService } from 'nestjs-scripts-event';

interface Load {
  /** How many events a round emits. Each matching script runs for each of them, and the next round waits for all runs. */
  emits: number;
  /**
   * Rounds before the measured ones. V8 compiles what runs often, piece by piece, during some ten thousand emits: a process
   * pays for that once.
   */
  warming: number;
}

/** Loads by the number of scripts that match. */
const LOADS = new Map<number, Load>([
  [0, { emits: 5_000, warming: 6 }],
  [1, { emits: 500, warming: 30 }],
  [100, { emits: 20, warming: 6 }],
]);

/** What {@link measureEmit} measures on. */
export interface Emitting {
  emitter: EventEmitter2;
  scripts: ScriptService;
  buffer: EventBuffer;
}

interface Sample {
  from: number;
  to: number;
}

/**
 * Measures how long `emit()` takes, in microseconds. The scripts run later, and their time isn't included. The garbage
 * collector stops whatever runs when the heap is full, so the emits during which it ran are counted apart.
 */
export async function measureEmit(app: Emitting, rounds: number): Promise<void> {
  console.log(
    'emit() on the caller, µs     p50     p99   p99 without the collector   emits with the collector',
  );
  for (const [count, { emits, warming }] of LOADS) {
    const tenantId = `emit-${count}`;
    await createScripts(app.scripts, tenantId, count);
    const pauses = watchCollector();
    const samples: Sample[] = [];
    for (let round = 0; round < warming + rounds; round++) {
      const taken = emitMany(app.emitter, tenantId, emits);
      if (round >= warming) samples.push(...taken);
      await app.buffer.drain(600_000);
    }
    const undisturbed = samples.filter((sample) => !pauses.some((pause) => overlap(sample, pause)));
    pauses.end();
    const [p50, p99, clean] = [at(samples, 0.5), at(samples, 0.99), at(undisturbed, 0.99)];
    const disturbed = samples.length - undisturbed.length;
    console.log(
      `  ${String(count).padStart(3)} matching scripts ${figure(p50)} ${figure(p99)} ${figure(clean).padStart(27)} ` +
        `${disturbed} of ${samples.length}`.padStart(26),
    );
  }
}

function emitMany(emitter: EventEmitter2, tenantId: string, emits: number): Sample[] {
  const event = { tenantId, userId: 7, email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' };
  const samples: Sample[] = [];
  for (let i = 0; i < emits; i++) {
    const from = performance.now();
    emitter.emit('user.created', event);
    samples.push({ from, to: performance.now() });
  }
  return samples;
}

async function createScripts(scripts: ScriptService, tenantId: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await scripts.create(tenantId, {
      name: `s${i}`,
      eventTypes: ['user.created'],
      source: 'return 1;',
      active: true,
    });
  }
}

/** Watches the pauses of the garbage collector from now on. Node.js reports them some turns of the event loop later. */
function watchCollector() {
  const pauses: Sample[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries())
      pauses.push({ from: startTime, to: startTime + duration });
  });
  observer.observe({ entryTypes: ['gc'] });
  return Object.assign(pauses, { end: () => observer.disconnect() });
}

const overlap = (left: Sample, right: Sample): boolean => left.from <= right.to && left.to >= right.from;

/** The given quantile, in microseconds. */
function at(samples: readonly Sample[], share: number): number {
  const sorted = samples.map(({ from, to }) => to - from).toSorted((a, b) => a - b);
  return 1000 * sorted[Math.floor(sorted.length * share)]!;
}

const figure = (value: number): string => value.toFixed(2).padStart(7);

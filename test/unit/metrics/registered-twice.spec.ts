import { register, Registry } from 'prom-client';
import { METRICS } from '../../../lib/metrics/metric.definitions.js';
import { PrometheusMetricsRecorder } from '../../../lib/metrics/prometheus.metrics.js';

const known = new Set(['user.created']);

async function valueOf(
  registry: Registry,
  name: string,
  labels: Record<string, string> = {},
): Promise<number> {
  const { values } = await (registry.getSingleMetric(name) as unknown as Readable).get();
  return (
    values.find((value) => Object.entries(labels).every(([key, text]) => value.labels[key] === text))
      ?.value ?? NaN
  );
}

const observed = (depth: number) => ({ buffer: () => ({ depth, busy: 1, oldestMs: 0 }) });

interface Readable {
  get(): Promise<{ values: { value: number; labels: Record<string, string> }[] }>;
}

describe.each([
  ['prom-client’s global registry', undefined],
  ['a registry of the options', new Registry()],
])('two applications that share %s', (_name, given) => {
  const registry = given ?? register;
  const create = () => new PrometheusMetricsRecorder(known, given);
  afterEach(() => registry.clear());

  it('register the metrics once', () => {
    create();
    expect(create).not.toThrow();
  });

  it('add up their counters', async () => {
    for (const recorder of [
      new PrometheusMetricsRecorder(known, given),
      new PrometheusMetricsRecorder(known, given),
    ]) {
      recorder.eventReceived('user.created');
    }
    const labels = { event_type: 'user.created' };
    expect(await valueOf(registry, METRICS.eventsReceived.name, labels)).toBe(2);
  });

  it('add up their gauges, until one of them stops', async () => {
    const first = create().observe(observed(3));
    const second = create().observe(observed(4));
    expect(await valueOf(registry, METRICS.queueDepth.name)).toBe(7);
    first();
    expect(await valueOf(registry, METRICS.queueDepth.name)).toBe(4);
    first();
    second();
    expect(await valueOf(registry, METRICS.queueDepth.name)).toBe(0);
  });

  it('are counted once by collections that run at the same time', async () => {
    create().observe({ deadLetters: async () => ({ pending: 2 }) });
    await Promise.all([registry.metrics(), registry.metrics(), registry.metrics()]);
    expect(await valueOf(registry, METRICS.deadLetterEntries.name, { status: 'pending' })).toBe(2);
  });
});

describe('an application with a registry of its own', () => {
  it('registers nothing in the global registry', () => {
    new PrometheusMetricsRecorder(known, new Registry()).observe({ index: () => ({ indexed: 1, other: 0 }) });
    expect(register.getMetricsAsArray()).toEqual([]);
  });
});

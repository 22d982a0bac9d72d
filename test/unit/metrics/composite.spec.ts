import { Registry } from 'prom-client';
import { CompositeMetricsRecorder } from '../../../lib/metrics/composite.metrics.js';
import { createMetricsRecorder } from '../../../lib/metrics/create-metrics.js';
import { InMemoryMetricsRecorder } from '../../../lib/metrics/in-memory.metrics.js';

const settings = (prometheus: boolean, registry = new Registry()) => ({
  registry,
  options: { metrics: { prometheus, registry, deadLetterCacheTimeMs: 60_000, tableSizeCacheTimeMs: 60_000 } },
});

describe('the recorder of an application', () => {
  it('counts in memory and in Prometheus', async () => {
    const { options, registry } = settings(true);
    const inMemory = new InMemoryMetricsRecorder();
    const recorder = createMetricsRecorder(inMemory, options, new Set(['user.created']));
    recorder.eventReceived('user.created');
    recorder.retryFinished('succeeded');
    expect(inMemory.eventMetrics().eventsReceived).toBe(1);
    expect(await registry.metrics()).toContain('scripts_events_received_total{event_type="user.created"} 1');
  });

  it('registers no metric if Prometheus is switched off', () => {
    const { options, registry } = settings(false);
    createMetricsRecorder(new InMemoryMetricsRecorder(), options, new Set());
    expect(registry.getMetricsAsArray()).toEqual([]);
  });

  it('asks the database once for both recorders', async () => {
    const { options, registry } = settings(true);
    const inMemory = new InMemoryMetricsRecorder();
    const recorder = createMetricsRecorder(inMemory, options, new Set());
    const deadLetters = jest.fn(async () => ({ pending: 2 }));
    recorder.observe({ deadLetters });
    await registry.metrics();
    expect((await inMemory.dlqMetrics()).pendingRetries).toBe(2);
    expect(deadLetters).toHaveBeenCalledTimes(1);
  });

  it('counts in its other recorders if one of them throws', () => {
    const broken = new InMemoryMetricsRecorder();
    jest.spyOn(broken, 'eventReceived').mockImplementation(() => {
      throw new Error('broken');
    });
    const sound = new InMemoryMetricsRecorder();
    new CompositeMetricsRecorder([broken, sound], {
      deadLetterCacheTimeMs: 0,
      tableSizeCacheTimeMs: 0,
    }).eventReceived('user.created');
    expect(sound.eventMetrics().eventsReceived).toBe(1);
  });
});

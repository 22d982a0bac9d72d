import type { Registry } from 'prom-client';
import { CompositeMetricsRecorder } from './composite.metrics.js';
import type { InMemoryMetricsRecorder } from './in-memory.metrics.js';
import type { KnownTypes } from '../common/event-type-label.js';
import type { MetricsRecorder } from './metrics.recorder.js';
import { PrometheusMetricsRecorder } from './prometheus.metrics.js';

/** The resolved options that {@link createMetricsRecorder} needs. */
export interface MetricsSettings {
  readonly metrics: {
    readonly prometheus: boolean;
    readonly registry: Registry | undefined;
    readonly deadLetterCacheTimeMs: number;
    readonly tableSizeCacheTimeMs: number;
  };
}

/** The recorder of one application: always in memory, and in Prometheus unless that is switched off. */
export function createMetricsRecorder(
  inMemory: InMemoryMetricsRecorder,
  { metrics: { prometheus, registry, ...cacheTimes } }: MetricsSettings,
  knownTypes: KnownTypes,
): MetricsRecorder {
  const recorders = prometheus ? [inMemory, new PrometheusMetricsRecorder(knownTypes, registry)] : [inMemory];
  return new CompositeMetricsRecorder(recorders, cacheTimes);
}

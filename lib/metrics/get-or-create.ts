import { getOrCreateMetric } from '@willsoto/nestjs-prometheus';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { MetricDefinition } from './metric.definitions.js';
import { collectSources } from './shared-gauge.js';

/**
 * The counter with this definition: the registry's own if it already exists (tests, two applications), otherwise a new
 * one.
 */
export function counterIn(registry: Registry | undefined, definition: MetricDefinition): Counter {
  const options = common(definition);
  // `getOrCreateMetric` knows prom-client's global registry only.
  if (registry === undefined) return getOrCreateMetric('Counter', options) as Counter;
  return known<Counter>(registry, options.name) ?? new Counter({ ...options, registers: [registry] });
}

/** The same for a histogram. */
export function histogramIn(registry: Registry | undefined, definition: MetricDefinition): Histogram {
  const options = { ...common(definition), buckets: [...(definition.buckets ?? [])] };
  if (registry === undefined) return getOrCreateMetric('Histogram', options) as Histogram;
  return known<Histogram>(registry, options.name) ?? new Histogram({ ...options, registers: [registry] });
}

/** The same for a gauge. Its values come from the sources that are added to it. */
export function gaugeIn(registry: Registry | undefined, definition: MetricDefinition): Gauge {
  const options = {
    ...common(definition),
    aggregator: definition.aggregator ?? ('sum' as const),
    collect(this: Gauge) {
      return collectSources(this, definition.combine);
    },
  };
  if (registry === undefined) return getOrCreateMetric('Gauge', options) as Gauge;
  return known<Gauge>(registry, options.name) ?? new Gauge({ ...options, registers: [registry] });
}

const common = ({ name, help, labels }: MetricDefinition) => ({ name, help, labelNames: [...labels] });

const known = <Metric>(registry: Registry, name: string): Metric | undefined =>
  registry.getSingleMetric(name) as Metric | undefined;

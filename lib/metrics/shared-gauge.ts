import type { Gauge } from 'prom-client';

/** One value of a gauge. */
export interface GaugeSample {
  labels?: Record<string, string>;
  value: number;
}

/** A source of a gauge's values, called at each collection. If it throws, its values are left out. */
export type GaugeSource = () => readonly GaugeSample[] | Promise<readonly GaugeSample[]>;

// Kept on the gauge under a symbol of the global registry, because every application of the process, and perhaps two
// copies of this package, share the registry that the gauge is in.
const SOURCES = Symbol.for('nestjs-scripts-event:gauge-sources');

type SharedGauge = Gauge & { [SOURCES]?: Set<GaugeSource> };

/**
 * Adds a source to a gauge, whose definition says how the values of all sources are combined. Call the returned
 * function to remove the source.
 */
export function addGaugeSource(gauge: SharedGauge, source: GaugeSource): () => void {
  const sources = (gauge[SOURCES] ??= new Set());
  sources.add(source);
  return () => sources.delete(source);
}

/** Sets a gauge to the current values of its sources: their sum or the largest, for each set of labels. */
export async function collectSources(gauge: SharedGauge, combine: 'sum' | 'max' = 'sum'): Promise<void> {
  const sources = gauge[SOURCES] ?? new Set();
  const samples = await Promise.all([...sources].map(samplesOf));
  // Reset only when all values are there, and set them synchronously: otherwise two simultaneous collections would
  // count twice.
  gauge.reset();
  const all = samples.flat();
  // In ascending order, so that the largest value for equal labels is set last.
  if (combine === 'max') all.sort((a, b) => a.value - b.value);
  for (const { labels, value } of all) {
    if (combine === 'max') gauge.set(labels ?? {}, value);
    else gauge.inc(labels ?? {}, value);
  }
}

async function samplesOf(source: GaugeSource): Promise<readonly GaugeSample[]> {
  try {
    return await source();
  } catch {
    return [];
  }
}

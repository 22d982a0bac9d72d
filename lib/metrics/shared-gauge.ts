import type { Gauge } from 'prom-client';

/** One value of a gauge. */
export interface GaugeSample {
  labels?: Record<string, string>;
  value: number;
}

/** Where a gauge's values come from, asked at each collection. What it throws leaves its values out. */
export type GaugeSource = () => readonly GaugeSample[] | Promise<readonly GaugeSample[]>;

// On the gauge itself and in the global symbol registry, as the registry it lives in is shared by every application of
// the process, and perhaps by two copies of this package.
const SOURCES = Symbol.for('nestjs-scripts-event:gauge-sources');

type SharedGauge = Gauge & { [SOURCES]?: Set<GaugeSource> };

/** Adds a source to a gauge. The values of all its sources come together as its definition says. Calling what it returns takes the source out. */
export function addGaugeSource(gauge: SharedGauge, source: GaugeSource): () => void {
  const sources = (gauge[SOURCES] ??= new Set());
  sources.add(source);
  return () => sources.delete(source);
}

/** Sets a gauge to what its sources say now: for each set of labels their sum, or the largest. */
export async function collectSources(gauge: SharedGauge, combine: 'sum' | 'max' = 'sum'): Promise<void> {
  const sources = gauge[SOURCES] ?? new Set();
  const samples = await Promise.all([...sources].map(samplesOf));
  // Reset only when all values are there, and add them synchronously: two simultaneous collections must not count
  // twice.
  gauge.reset();
  const all = samples.flat();
  // In rising order, so that the largest of equal labels is set last.
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

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InMemoryMetricsRecorder } from '../../../lib/metrics/in-memory.metrics.js';
import { METRICS, type MetricDefinition } from '../../../lib/metrics/metric.definitions.js';

const page = readFileSync(join(__dirname, '../../../docs/metrics.md'), 'utf8');
const rows = page
  .split('\n')
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('`', '')))
  .filter(([, name]) => name?.startsWith('scripts_'));
const definitions: MetricDefinition[] = Object.values(METRICS);

describe('docs/metrics.md', () => {
  it('has every metric once, and no other', () => {
    expect(rows.map(([, name]) => name).toSorted()).toEqual(definitions.map(({ name }) => name).toSorted());
  });

  it.each(definitions)('tells type and labels of $name', ({ name, kind, labels }) => {
    const row = rows.find((cells) => cells[1] === name);
    expect(row?.slice(2, 4)).toEqual([kind.toLowerCase(), labels.join(', ')]);
  });

  it('alerts on metrics and labels that exist', () => {
    const used = [...page.matchAll(/(scripts_\w+?)(?:_bucket)?(?:\{(\w+)=~?")/g)];
    expect(used.length).toBeGreaterThan(4);
    for (const [, name, label] of used) {
      const definition = definitions.find((candidate) => candidate.name === name);
      expect(definition?.labels).toContain(label);
    }
  });

  it('has every field that can be read in the process', async () => {
    const recorder = new InMemoryMetricsRecorder();
    const metrics = [recorder.eventMetrics(), await recorder.dlqMetrics(), await recorder.storageMetrics()];
    const fields = metrics.flatMap((each) => Object.keys(each));
    for (const field of fields) expect(page).toContain(`\`${field}\``);
  });
});

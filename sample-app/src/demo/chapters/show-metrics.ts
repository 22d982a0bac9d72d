import type { DemoContext } from '../demo.context.js';
import { parseMetrics } from '../metrics.js';
import type { Cell } from '../terminal.js';

const EXCERPT =
  /^scripts_(events_failed_total|events_filtered_total|dlq_entries|dlq_retries_total|queue_depth|workers_busy|execution_duration_seconds_count|sandbox_processes|sandbox_restarts_total)$/;

/** Chapter: the metrics that Prometheus would scrape. */
export async function showMetrics({ app, terminal }: DemoContext): Promise<void> {
  terminal.chapter('Metrics (excerpt of GET /metrics)');
  const text = await (await fetch(`${app.baseUrl}/metrics`)).text();
  const samples = parseMetrics(text, 'scripts_').filter(
    ({ name, labels, value }) => EXCERPT.test(name) && (value !== 0 || isEmpty(labels)),
  );
  terminal.table(
    samples.map(({ name, labels, value }): Cell[] => {
      const pairs = Object.entries(labels).map(([label, content]) => `${label}="${content}"`);
      return [name + (pairs.length > 0 ? `{${pairs.join(',')}}` : ''), String(value)];
    }),
  );
}

/** Whether a gauge has no labels. Such a gauge is shown even at 0; one for a state that nothing is in isn't. */
const isEmpty = (labels: object): boolean => Object.keys(labels).length === 0;

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../common/project-folder.js';

/** The fields of a Grafana panel that are drawn here. */
export interface Panel {
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string; legendFormat: string; instant?: boolean }[];
  fieldConfig?: {
    defaults: {
      unit: string;
      noValue?: string;
      custom?: { fillOpacity: number; stacking: { mode: string }; thresholdsStyle?: { mode: string } };
      thresholds?: { steps: { color: string; value: number | null }[] };
    };
  };
}

/** One series of Prometheus: its labels, and pairs of a time in seconds and a value. */
export interface Series {
  metric: Record<string, string>;
  values: [at: number, value: string][];
}

/** A line of a panel, as pairs of a time and a value. */
export interface Line {
  name: string;
  points: (readonly [at: number, value: number])[];
}

/** The values that Grafana gives to the board's variables, for a range with a sample each second. */
const VARIABLES: Readonly<Record<string, string>> = {
  $__rate_interval: '15s',
  $job: '.+',
  $instance: '.+',
  $queue: 'sum',
};

/** The panels of the board that the package ships. */
export function readPanels(): Panel[] {
  const file = join(projectFolder(), 'grafana', 'scripts-event.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { panels: Panel[] }).panels;
}

/** The lines that a panel shows. */
export async function linesOf(
  { targets = [] }: Panel,
  ask: (expression: string, instant: boolean) => Promise<Series[]>,
): Promise<Line[]> {
  const lines: Line[] = [];
  for (const { expr, legendFormat, instant = false } of targets) {
    const expression = expr.replace(/\$\w+/g, (name) => VARIABLES[name] ?? name);
    for (const { metric, values } of await ask(expression, instant)) {
      const name = legendFormat.replace(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? '');
      const points = values.map(([at, value]) => [at, Number(value)] as const);
      // The quantile of an empty histogram is NaN.
      lines.push({ name, points: points.filter(([, value]) => Number.isFinite(value)) });
    }
  }
  return lines;
}

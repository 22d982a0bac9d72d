import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { METRICS } from '../../../lib/metrics/metric.definitions.js';
import { definitionOf, problems, selectors } from '../../support/promql.js';
import { anchorsOf, readPage } from '../docs/pages.js';

interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: { uid: string };
  gridPos: Place;
  fieldConfig?: { defaults: { unit?: string } };
  targets?: { expr: string; datasource: { uid: string } }[];
}

interface Board {
  uid: string;
  panels: Panel[];
  links: { url: string }[];
  templating: { list: { name: string; query: string | { query: string } }[] };
  annotations: { list: { expr: string; datasource: { uid: string } }[] };
}

const board = JSON.parse(
  readFileSync(join(__dirname, '../../../grafana/scripts-event.json'), 'utf8'),
) as Board;
const panels = board.panels.filter(({ type }) => type !== 'row');
const rows = board.panels.filter(({ type }) => type === 'row');
const variables: Record<string, string> = {
  $__rate_interval: '5m',
  $job: '.+',
  $instance: '.+',
  $queue: 'sum',
};
/** With a value for each variable, as Grafana sends it. */
const filledIn = (expr: string): string =>
  expr.replace(/\$\w+/g, (name) => variables[name] ?? `unknown variable ${name}`);
const expressions = panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => [title, filledIn(expr)] as const),
);
const overlap = (a: Place, b: Place): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

describe('the Grafana board', () => {
  it.each(expressions)('queries existing metrics and labels in valid PromQL: %s', (_title, expression) => {
    expect(problems(expression)).toEqual([]);
    for (const { metric, labels } of selectors(expression)) {
      if (metric === 'ALERTS') continue;
      const known = [...(definitionOf(metric)?.labels ?? [`no metric ${metric}`]), 'job', 'instance'];
      expect(known).toEqual(expect.arrayContaining(Object.keys(labels)));
    }
    const grouped = [...expression.matchAll(/ by \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(', '));
    const labelsOfMetrics = selectors(expression).flatMap(({ metric }) => definitionOf(metric)?.labels ?? []);
    expect([...labelsOfMetrics, 'le', 'job', 'instance']).toEqual(expect.arrayContaining(grouped));
  });

  it('shows every metric', () => {
    const shown = new Set(
      expressions.flatMap(([, expression]) =>
        selectors(expression).map(({ metric }) => definitionOf(metric)?.name),
      ),
    );
    expect(Object.values(METRICS).filter(({ name }) => !shown.has(name))).toEqual([]);
  });

  it('selects job and instance in each expression, so that two applications can share a Prometheus', () => {
    for (const [title, expression] of expressions)
      for (const { metric, labels } of selectors(expression)) {
        const chosen = metric === 'ALERTS' ? ['job', 'instance'] : Object.keys(labels);
        expect({ title, chosen }).toEqual({ title, chosen: expect.arrayContaining(['job', 'instance']) });
      }
  });

  it('reads from the data source that its user chooses, and from no other', () => {
    const sources = [
      ...panels.map(({ datasource }) => datasource?.uid),
      ...panels.flatMap(({ targets = [] }) => targets.map(({ datasource }) => datasource.uid)),
      ...board.annotations.list.map(({ datasource }) => datasource.uid),
    ];
    expect(new Set(sources)).toEqual(new Set(['${datasource}']));
    expect(board.templating.list.map(({ name }) => name)).toEqual(['datasource', 'job', 'instance', 'queue']);
  });

  it('has a description and a unit for each panel', () => {
    for (const { title, description, fieldConfig } of panels) {
      expect({ title, description }).toEqual({
        title,
        description: expect.stringMatching(/^[A-Z$a-z].*\.$/),
      });
      expect({ title, unit: fieldConfig?.defaults.unit }).toEqual({ title, unit: expect.any(String) });
    }
  });

  it('has its rows in the order of an event’s path, and no panel covers another', () => {
    expect(rows.map(({ title }) => title)).toEqual([
      'Now',
      'Flow',
      'Wait',
      'Runs',
      'Recovery',
      'Sandbox',
      'Bindings',
      'Storage',
    ]);
    const all = board.panels;
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const panel of all) {
      expect(panel.gridPos.x + panel.gridPos.w).toBeLessThanOrEqual(24);
      const over = all.filter((other) => other !== panel && overlap(other.gridPos, panel.gridPos));
      expect({ title: panel.title, over: over.map(({ title }) => title) }).toEqual({
        title: panel.title,
        over: [],
      });
    }
  });

  it('links to a page that exists', () => {
    for (const { url } of board.links) {
      const [, path, anchor] = /\/blob\/main\/([^#]+)(?:#(.+))?$/.exec(url)!;
      const page = readPage(path!);
      expect(['', ...anchorsOf(page)]).toContain(anchor ?? '');
    }
  });
});

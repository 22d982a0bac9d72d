import { parser } from '@prometheus-io/lezer-promql';
import { Registry } from 'prom-client';
import { METRICS, type MetricDefinition } from '../../../lib/metrics/metric.definitions.js';
import { PrometheusMetricsRecorder } from '../../../lib/metrics/prometheus.metrics.js';
import { readPage } from '../docs/pages.js';

interface Selector {
  /** As it is written in the expression. */
  text: string;
  metric: string;
  labels: Record<string, { operator: string; value: string }>;
}

/** The functions whose argument is a counter that must have begun at 0 for its first step to show. */
const NEEDS_A_BEGINNING = new Set(['Increase']);

const { text } = readPage('docs/metrics.md');
const alerts = (text.split('\n### What to alert on\n')[1]?.split('\n## ')[0] ?? '')
  .split('\n')
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
  .filter(([, , expression]) => expression?.startsWith('`'))
  .map(
    ([, name, expression]) =>
      [name, (expression as string).slice(1, -1).replaceAll(String.raw`\|`, '|')] as const,
  );
/** Expressions that stand in running text. */
const elsewhere = ['docs/metrics.md', 'docs/at-night.md', 'docs/scaling.md', 'docs/health.md'].flatMap(
  (page) =>
    [
      ...readPage(page).text.matchAll(/`((?:sum|max|min|rate|increase)\b[^`|]*\(scripts_[^`|]*\)[^`|]*)`/g),
    ].map(([, expression]) => [page, expression as string] as const),
);
const definitions: MetricDefinition[] = Object.values(METRICS);
const definitionOf = (metric: string): MetricDefinition | undefined =>
  definitions.find(
    ({ name, kind }) =>
      name === metric || (kind === 'Histogram' && metric.replace(/_(bucket|sum|count)$/, '') === name),
  );

/** Where the expression is no PromQL. */
function problems(expression: string): string[] {
  const found: string[] = [];
  parser.parse(expression).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) found.push(`at ${from}: ${expression.slice(from, to) || 'something is missing'}`);
    },
  });
  return found;
}

/** What is selected in it, all of it or what is an argument of these functions. */
function selectors(expression: string, within?: ReadonlySet<string>): Selector[] {
  const found: Selector[] = [];
  const calls: boolean[] = [];
  parser.parse(expression).iterate({
    enter: ({ type, node }) => {
      const part = (start: number, end: number): string => expression.slice(start, end);
      if (type.name === 'FunctionCall')
        calls.push(within?.has(node.getChild('FunctionIdentifier')?.firstChild?.name ?? '') ?? true);
      if (type.name !== 'VectorSelector' || (within && calls.at(-1) !== true)) return;
      const metric = node.getChild('Identifier');
      const labels: Selector['labels'] = {};
      for (const matcher of node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []) {
        const [label, operator, value] = ['LabelName', 'MatchOp', 'StringLiteral'].map((child) => {
          const at = matcher.getChild(child);
          return at ? part(at.from, at.to) : '';
        }) as [string, string, string];
        labels[label] = { operator, value: JSON.parse(value) as string };
      }
      found.push({
        text: part(node.from, node.to),
        metric: metric ? part(metric.from, metric.to) : '',
        labels,
      });
    },
    leave: ({ type }) => {
      if (type.name === 'FunctionCall') calls.pop();
    },
  });
  return found;
}

const matches = ({ operator, value }: { operator: string; value: string }, label: string): boolean =>
  operator === '=' ? label === value : operator === '=~' && new RegExp(`^(?:${value})$`).test(label);

describe('the alerts of docs/metrics.md', () => {
  it('are found', () => {
    expect(alerts.length).toBeGreaterThan(10);
    expect(elsewhere.length).toBeGreaterThan(0);
  });

  it.each([...alerts, ...elsewhere])(
    '%s: is PromQL on metrics and labels that exist',
    (_name, expression) => {
      expect(problems(expression)).toEqual([]);
      const selected = selectors(expression);
      expect(selected.length).toBeGreaterThan(0);
      for (const { metric, labels } of selected)
        expect(definitionOf(metric)?.labels).toEqual(expect.arrayContaining(Object.keys(labels)));
    },
  );

  it.each([
    ['rate(a[5m]', 'a bracket that is not closed'],
    ['increase(a{b=}[5m])', 'a label without a value'],
    ['sum by (a) a >', 'no operand'],
  ])('would show %s: %s', (expression) => {
    expect(problems(expression)).not.toEqual([]);
  });

  it('find each series that increases at 0 from the start, so that its first step shows', async () => {
    const registry = new Registry();
    const types = ['user.created', 'order.shipped'];
    new PrometheusMetricsRecorder(new Set(types), registry).observe({});
    const series = (await registry.getMetricsAsJSON()).flatMap(({ name, values }) =>
      values.map(({ labels, value }) => ({ name, labels: labels as Record<string, string>, value })),
    );
    const wanted = alerts.flatMap(([, expression]) => selectors(expression, NEEDS_A_BEGINNING));
    expect(wanted.length).toBeGreaterThan(4);
    for (const { metric, labels, text: selector } of wanted) {
      const values = series.filter(
        ({ name, labels: has }) =>
          name === metric && Object.entries(labels).every(([label, wish]) => matches(wish, has[label] ?? '')),
      );
      const [wish] = Object.values(labels);
      const expected = wish ? wish.value.split('|').length : [...types, 'custom'].length;
      expect({ selector, values: values.map(({ value }) => value) }).toEqual({
        selector,
        values: Array<number>(expected).fill(0),
      });
    }
  });
});

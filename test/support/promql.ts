import { parser } from '@prometheus-io/lezer-promql';
import { METRICS, type MetricDefinition } from '../../lib/metrics/metric.definitions.js';

/** A selection of series in a PromQL expression. */
export interface Selector {
  /** As it is written in the expression. */
  text: string;
  metric: string;
  labels: Record<string, { operator: string; value: string }>;
}

const definitions: MetricDefinition[] = Object.values(METRICS);
/** The metric that an expression's name stands for; `_bucket`, `_sum` and `_count` are parts of a histogram. */
export const definitionOf = (metric: string): MetricDefinition | undefined =>
  definitions.find(
    ({ name, kind }) =>
      name === metric || (kind === 'Histogram' && metric.replace(/_(bucket|sum|count)$/, '') === name),
  );

/** The places where the expression is not valid PromQL. */
export function problems(expression: string): string[] {
  const found: string[] = [];
  parser.parse(expression).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) found.push(`at ${from}: ${expression.slice(from, to) || 'something is missing'}`);
    },
  });
  return found;
}

/** The selectors in the expression: all of them, or only those in arguments of the functions `within`. */
export function selectors(expression: string, within?: ReadonlySet<string>): Selector[] {
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

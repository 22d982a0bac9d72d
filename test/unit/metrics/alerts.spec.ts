import { parser } from '@prometheus-io/lezer-promql';
import { Registry } from 'prom-client';
import { METRICS, type MetricDefinition } from '../../../lib/metrics/metric.definitions.js';
import { PrometheusMetricsRecorder } from '../../../lib/metrics/prometheus.metrics.js';
import { checkRules, expectFiring, hasPromtool, RULES, type Samples } from '../../support/promtool.js';
import { anchorsOf, readPage } from '../docs/pages.js';

interface Selector {
  /** As it is written in the expression. */
  text: string;
  metric: string;
  labels: Record<string, { operator: string; value: string }>;
}

/** The functions whose argument is a counter that must have begun at 0 for its first step to show. */
const NEEDS_A_BEGINNING = new Set(['Increase']);

const alerts = RULES.map(({ alert, expr }) => [alert, expr] as const);
/** The table of docs/metrics.md: name, expression and `for` of each alert. */
const documented = readPage('docs/metrics.md')
  .text.split('\n')
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll(String.raw`\|`, '|')))
  .filter(([, name]) => name?.startsWith('[`Scripts'))
  .map(([, name, expr, pending]) => [
    /`(\w+)`/.exec(name as string)?.[1],
    (expr as string).slice(1, -1),
    pending,
  ]);
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

/** `owner/name` on GitHub, as package.json says it. */
const repository = (): string =>
  /github\.com\/(.+)#/.exec(
    (JSON.parse(readPage('package.json').text) as { homepage: string }).homepage,
  )![1]!;

const matches = ({ operator, value }: { operator: string; value: string }, label: string): boolean =>
  operator === '=' ? label === value : operator === '=~' && new RegExp(`^(?:${value})$`).test(label);

describe('the alerts', () => {
  it('stand in docs/metrics.md as they stand in the rules', () => {
    expect(documented).toEqual(RULES.map(({ alert, expr, for: pending }) => [alert, expr, pending ?? '']));
    expect(elsewhere.length).toBeGreaterThan(0);
  });

  it.each(RULES)('$alert leads to its part of docs/at-night.md', ({ alert, annotations }) => {
    const anchor = alert.toLowerCase();
    expect(annotations.runbook_url).toBe(
      `https://github.com/${repository()}/blob/main/docs/at-night.md#${anchor}`,
    );
    expect(anchorsOf(readPage('docs/at-night.md'))).toContain(anchor);
  });

  it.each(RULES)('$alert says in words what is wrong and how urgent that is', ({ labels, annotations }) => {
    expect(labels).toEqual({ severity: expect.stringMatching(/^(critical|warning)$/) });
    expect(annotations.summary).toMatch(/^[A-Z].*[^.]$/);
    expect(annotations.description).toMatch(/[.)]$/);
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

/** An application that runs well for an hour and a half: counters grow, gauges go up and down. */
const WELL: Samples = {
  'scripts_queue_depth{instance="a"}': '0+0x90',
  'scripts_queue_oldest_seconds{instance="a"}': '0 2 0 1 _x86',
  'scripts_queue_time_seconds_bucket{instance="a",le="0.01"}': '0+590x90',
  'scripts_queue_time_seconds_bucket{instance="a",le="10"}': '0+600x90',
  'scripts_queue_time_seconds_bucket{instance="a",le="+Inf"}': '0+600x90',
  'scripts_runs_awaiting_bindings{instance="a"}': '0 9 1 2 7 0 _x85',
  'scripts_binding_calls_total{instance="a",binding="crm.find",result="ok"}': '0+600x90',
  'scripts_binding_calls_total{instance="a",binding="crm.find",result="timeout"}': '0+1x90',
  'scripts_events_failed_total{instance="a",event_type="user.created",kind="runtime"}': '0+60x90',
  'scripts_events_failed_total{instance="a",event_type="user.created",kind="timeout"}': '0+1x90',
  'scripts_events_dropped_total{instance="a",reason="overflow"}': '0x90',
  'scripts_events_dropped_total{instance="a",reason="held"}': '0x90',
  'scripts_events_dropped_total{instance="a",reason="invalid"}': '0x90',
  'scripts_events_dropped_total{instance="a",reason="storage"}': '0x90',
  'scripts_events_undecided_total{instance="a",event_type="user.created"}': '0x90',
  'scripts_breaker_transitions_total{instance="a",state="disabled"}': '0x90',
  'scripts_breaker_transitions_total{instance="a",state="degraded"}': '0+1x90',
  'scripts_sandbox_restarts_total{instance="a",reason="died"}': '0 1 1 1 1+0x86',
  'scripts_sandbox_restarts_total{instance="a",reason="aged"}': '0+1x90',
  'scripts_dlq_entries{instance="a",status="exhausted"}': '3x90',
  'scripts_dlq_entries{instance="a",status="pending"}': '0+5x90',
  'scripts_dlq_oldest_due_seconds{instance="a"}': '0 2 1 _x87',
  'scripts_retention_last_success_timestamp_seconds{instance="a"}': '0+60x90',
  'scripts_table_bytes{instance="a",table="script_executions"}': '10000000+1000000x90',
};

/** For each alert the series that raise it, in place of those of an application that runs well. */
const FAULTS: Record<string, Samples> = {
  ScriptsMetricsAbsent: { 'scripts_queue_depth{instance="a"}': '0x10 _x80' },
  ScriptsRecordsLost: { 'scripts_events_dropped_total{instance="a",reason="storage"}': '0x80 1x10' },
  ScriptsHeldEventsLost: { 'scripts_events_dropped_total{instance="a",reason="held"}': '0x80 1x10' },
  ScriptsSandboxUnstable: { 'scripts_sandbox_restarts_total{instance="a",reason="died"}': '1x80 3 5 7x10' },
  ScriptsBufferOverflows: { 'scripts_events_dropped_total{instance="a",reason="overflow"}': '0x88 1x10' },
  ScriptsEventsWaitTooLong: {
    'scripts_queue_time_seconds_bucket{instance="a",le="10"}': '0+500x90',
    'scripts_queue_time_seconds_bucket{instance="a",le="0.01"}': '0+500x90',
    'scripts_queue_time_seconds_bucket{instance="a",le="30"}': '0+600x90',
  },
  ScriptsOldestEventWaits: { 'scripts_queue_oldest_seconds{instance="a"}': '0x70 0+60x20' },
  ScriptsRunsWaitForBindings: { 'scripts_runs_awaiting_bindings{instance="a"}': '0x80 5x10' },
  ScriptsBindingsTimeOut: {
    'scripts_binding_calls_total{instance="a",binding="crm.find",result="timeout"}': '0+10x90',
  },
  ScriptsHitTheirLimits: {
    'scripts_events_failed_total{instance="a",event_type="user.created",kind="memory"}': '0+10x90',
  },
  ScriptsScriptDisabled: { 'scripts_breaker_transitions_total{instance="a",state="disabled"}': '0x80 1x10' },
  ScriptsDeadLettersExhausted: { 'scripts_dlq_entries{instance="a",status="exhausted"}': '3x80 4x10' },
  ScriptsDeadLettersPileUp: { 'scripts_dlq_entries{instance="a",status="pending"}': '0x70 1001x20' },
  ScriptsRetriesOverdue: { 'scripts_dlq_oldest_due_seconds{instance="a"}': '0x70 0+60x20' },
  ScriptsEventsRefused: { 'scripts_events_dropped_total{instance="a",reason="invalid"}': '0x80 1x10' },
  ScriptsFiltersTooExpensive: {
    'scripts_events_undecided_total{instance="a",event_type="user.created"}': '0x80 1x10',
  },
  ScriptsRetentionStandsStill: {
    'scripts_retention_last_success_timestamp_seconds{instance="a"}': '-18000x90',
  },
  ScriptsTablesGrow: { 'scripts_table_bytes{instance="a",table="script_executions"}': '51000000000x90' },
};

(hasPromtool() ? describe : describe.skip)('the rules, evaluated by promtool', () => {
  it('are rules', () => expect(checkRules()).resolves.toBeUndefined());

  it('are silent in an hour and a half of an application that runs well', () =>
    expect(
      expectFiring(
        WELL,
        [],
        Array.from({ length: 90 }, (_, minute) => minute),
      ),
    ).resolves.toBeUndefined());

  it('would show an alert that is missing or one too many', async () => {
    await expect(expectFiring(WELL, ['ScriptsTablesGrow'], 90)).rejects.toThrow(/FAILED/);
    await expect(expectFiring({ ...WELL, ...FAULTS.ScriptsTablesGrow }, [], 90)).rejects.toThrow(/FAILED/);
  });

  it('have a fault each', () => {
    expect(Object.keys(FAULTS)).toEqual(alerts.map(([name]) => name));
  });

  it.each(Object.entries(FAULTS))('%s fires for its fault, alone', (alert, samples) =>
    expect(expectFiring({ ...WELL, ...samples }, [alert], 90)).resolves.toBeUndefined(),
  );
});

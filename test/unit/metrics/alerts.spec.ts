import { Registry } from 'prom-client';
import { PrometheusMetricsRecorder } from '../../../lib/metrics/prometheus.metrics.js';
import { definitionOf, problems, selectors } from '../../support/promql.js';
import { checkRules, expectFiring, hasPromtool, RULES, type Samples } from '../../support/promtool.js';
import { anchorsOf, readPage } from '../docs/pages.js';

/** Functions whose argument is a counter that must start at 0, so that its first increase shows. */
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
/** Expressions in running text. */
const elsewhere = ['docs/metrics.md', 'docs/at-night.md', 'docs/scaling.md', 'docs/health.md'].flatMap(
  (page) =>
    [
      ...readPage(page).text.matchAll(/`((?:sum|max|min|rate|increase)\b[^`|]*\(scripts_[^`|]*\)[^`|]*)`/g),
    ].map(([, expression]) => [page, expression as string] as const),
);
/** `owner/name` on GitHub, from package.json. */
const repository = (): string =>
  /github\.com\/(.+)#/.exec(
    (JSON.parse(readPage('package.json').text) as { homepage: string }).homepage,
  )![1]!;

const matches = ({ operator, value }: { operator: string; value: string }, label: string): boolean =>
  operator === '=' ? label === value : operator === '=~' && new RegExp(`^(?:${value})$`).test(label);

describe('the alerts of Prometheus', () => {
  it('are the same in docs/metrics.md as in the rules', () => {
    expect(documented).toEqual(RULES.map(({ alert, expr, for: pending }) => [alert, expr, pending ?? '']));
    expect(elsewhere.length).toBeGreaterThan(0);
  });

  it.each(RULES)(
    'include $alert, whose runbook_url leads to its part of docs/at-night.md',
    ({ alert, annotations }) => {
      const anchor = alert.toLowerCase();
      expect(annotations.runbook_url).toBe(
        `https://github.com/${repository()}/blob/main/docs/at-night.md#${anchor}`,
      );
      expect(anchorsOf(readPage('docs/at-night.md'))).toContain(anchor);
    },
  );

  it.each(RULES)('include $alert with a severity, a summary and a description', ({ labels, annotations }) => {
    expect(labels).toEqual({ severity: expect.stringMatching(/^(critical|warning)$/) });
    expect(annotations.summary).toMatch(/^[A-Z].*[^.]$/);
    expect(annotations.description).toMatch(/[.)]$/);
  });

  it.each([...alerts, ...elsewhere])(
    'are valid PromQL on existing metrics and labels: %s',
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
  ])('would fail this test with %s: %s', (expression) => {
    expect(problems(expression)).not.toEqual([]);
  });

  it('use counters that start at 0, so that their first increase shows', async () => {
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
  'scripts_schedule_oldest_due_seconds{instance="a"}': '0 1 0 20 _x86',
  'scripts_schedule_passed_total{instance="a",reason="missed"}': '0x90',
  'scripts_schedule_passed_total{instance="a",reason="skipped"}': '0+1x90',
  'scripts_secret_cipher_failures_total{instance="a",operation="open"}': '0x90',
  'scripts_retention_last_success_timestamp_seconds{instance="a"}': '0+60x90',
  'scripts_table_bytes{instance="a",table="script_executions"}': '10000000+1000000x90',
};

/** For each alert the series that raise it within half an hour, in place of those of an application that runs well. */
const FAULTS: Record<string, Samples> = {
  ScriptsMetricsAbsent: { 'scripts_queue_depth{instance="a"}': '0x10 _x20' },
  ScriptsRecordsLost: { 'scripts_events_dropped_total{instance="a",reason="storage"}': '0x20 1x10' },
  ScriptsHeldEventsLost: { 'scripts_events_dropped_total{instance="a",reason="held"}': '0x20 1x10' },
  ScriptsSandboxUnstable: { 'scripts_sandbox_restarts_total{instance="a",reason="died"}': '1x20 3 5 7x10' },
  ScriptsBufferOverflows: { 'scripts_events_dropped_total{instance="a",reason="overflow"}': '0x28 1x10' },
  ScriptsEventsWaitTooLong: {
    'scripts_queue_time_seconds_bucket{instance="a",le="10"}': '0+500x30',
    'scripts_queue_time_seconds_bucket{instance="a",le="0.01"}': '0+500x30',
    'scripts_queue_time_seconds_bucket{instance="a",le="30"}': '0+600x30',
  },
  ScriptsOldestEventWaits: { 'scripts_queue_oldest_seconds{instance="a"}': '0x10 0+60x20' },
  ScriptsRunsWaitForBindings: { 'scripts_runs_awaiting_bindings{instance="a"}': '0x20 5x10' },
  ScriptsBindingsTimeOut: {
    'scripts_binding_calls_total{instance="a",binding="crm.find",result="timeout"}': '0+10x30',
  },
  ScriptsHitTheirLimits: {
    'scripts_events_failed_total{instance="a",event_type="user.created",kind="memory"}': '0+10x30',
  },
  ScriptsScriptDisabled: { 'scripts_breaker_transitions_total{instance="a",state="disabled"}': '0x20 1x10' },
  ScriptsDeadLettersExhausted: { 'scripts_dlq_entries{instance="a",status="exhausted"}': '3x20 4x10' },
  ScriptsDeadLettersPileUp: { 'scripts_dlq_entries{instance="a",status="pending"}': '0x10 1001x20' },
  ScriptsRetriesOverdue: { 'scripts_dlq_oldest_due_seconds{instance="a"}': '0x10 0+60x20' },
  ScriptsSchedulesOverdue: { 'scripts_schedule_oldest_due_seconds{instance="a"}': '0x10 0+60x20' },
  ScriptsScheduleTimesMissed: {
    'scripts_schedule_passed_total{instance="a",reason="missed"}': '0x20 3x10',
  },
  ScriptsSecretsUnavailable: {
    'scripts_secret_cipher_failures_total{instance="a",operation="open"}': '0x20 1x10',
  },
  ScriptsEventsRefused: { 'scripts_events_dropped_total{instance="a",reason="invalid"}': '0x20 1x10' },
  ScriptsFiltersTooExpensive: {
    'scripts_events_undecided_total{instance="a",event_type="user.created"}': '0x20 1x10',
  },
  ScriptsRetentionStandsStill: {
    'scripts_retention_last_success_timestamp_seconds{instance="a"}': '-18000x30',
  },
  ScriptsTablesGrow: { 'scripts_table_bytes{instance="a",table="script_executions"}': '51000000000x30' },
};

const faults = Object.entries(FAULTS).map(([alert, samples]) => ({
  samples: { ...WELL, ...samples },
  firing: [alert],
  atMinutes: [30],
}));

(hasPromtool() ? describe : describe.skip)('the rules, evaluated by promtool', () => {
  it('are valid rules', () => expect(checkRules()).resolves.toBeUndefined());

  it('do not fire in an hour and a half of an application that runs well', async () => {
    const everyMinute = Array.from({ length: 90 }, (_, minute) => minute);
    const well = { samples: WELL, firing: [], atMinutes: everyMinute };
    await expect(expectFiring(well)).resolves.toBeUndefined();
  });

  it('fire each for one fault, and no other rule fires for it', async () => {
    expect(Object.keys(FAULTS)).toEqual(alerts.map(([name]) => name));
    await expect(expectFiring(...faults)).resolves.toBeUndefined();
  });

  it('make this test fail if one is missing or one too many fires', async () => {
    const [absent, lost] = faults;
    const silent = { ...absent!, firing: [] };
    const both = { ...lost!, firing: ['ScriptsRecordsLost', 'ScriptsTablesGrow'] };
    const report = expectFiring(silent, both);
    await expect(report).rejects.toThrow(/exp: nil[^]*ScriptsMetricsAbsent[^]*ScriptsTablesGrow/);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { InMemoryMetricsRecorder } from '../../../lib/metrics/in-memory.metrics.js';
import { METRICS, type MetricDefinition } from '../../../lib/metrics/metric.definitions.js';
import { bindingRegistry, call, declare } from '../../support/bindings.js';

const page = readFileSync(join(__dirname, '../../../docs/metrics.md'), 'utf8');
const rows = page
  .split('\n')
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('`', '')))
  .filter(([, name]) => name?.startsWith('scripts_'));
const rowsAsWritten = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
const definitions: MetricDefinition[] = Object.values(METRICS);

const RECORDER = 'lib/metrics/metrics.recorder.ts';
const readSource = (file: string): string => readFileSync(join(__dirname, '../../..', file), 'utf8');
/** The members of a union type, read from its source: types are gone when the code runs. */
function valuesOf(type: string, file: string): string[] {
  const [, union = ''] = new RegExp(`export type ${type} =([^;]*);`).exec(readSource(file)) ?? [];
  return [...union.matchAll(/'([\w-]+)'/g)].map(([, word]) => word!);
}
/** The words in backticks, without options and fields, which have a dot. */
const wordsIn = (cell: string): string[] => [...cell.matchAll(/`([\w-]+)`/g)].map(([, word]) => word!);

describe('docs/metrics.md', () => {
  it('has every metric once, and no other', () => {
    expect(rows.map(([, name]) => name).toSorted()).toEqual(definitions.map(({ name }) => name).toSorted());
  });

  it.each(definitions)('gives the type and the labels of $name', ({ name, kind, labels }) => {
    const row = rows.find((cells) => cells[1] === name);
    expect(row?.slice(2, 4)).toEqual([kind.toLowerCase(), labels.join(', ')]);
  });

  it('selects only existing metrics by existing labels', () => {
    const used = [...page.matchAll(/(scripts_\w+?)(?:_bucket)?(?:\{(\w+)=~?")/g)];
    expect(used.length).toBeGreaterThan(4);
    for (const [, name, label] of used) {
      const definition = definitions.find((candidate) => candidate.name === name);
      expect(definition?.labels).toContain(label);
    }
  });

  it('lists every field of each method of the in-memory recorder, and no other', async () => {
    const recorder = new InMemoryMetricsRecorder();
    const methods = Object.getOwnPropertyNames(InMemoryMetricsRecorder.prototype).filter((name) =>
      name.endsWith('Metrics'),
    );
    const documented = [...page.matchAll(/^`(\w+Metrics)\(\): [^`]+`$/gm)].map(([, method]) => method);
    expect(documented.toSorted()).toEqual(methods.toSorted());
    for (const method of methods) {
      const [, part = ''] = page.split(`\n\`${method}(): `);
      const [own = ''] = part.split(/\n`\w+Metrics\(\): |\n---/);
      const fields = [...own.matchAll(/^\| `(\w+)` /gm)].map(([, field]) => field);
      const values: object = await recorder[method as 'dlqMetrics']();
      expect({ method, fields: fields.toSorted() }).toEqual({
        method,
        fields: Object.keys(values).toSorted(),
      });
    }
  });

  it.each([
    ['Reasons', 'scripts_events_dropped_total', 'DropReason', RECORDER],
    ['Results', 'scripts_binding_calls_total', 'BindingResultLabel', RECORDER],
    ['Results', 'scripts_redeliveries_total', 'RedeliveryLabel', RECORDER],
    ['Results', 'scripts_store_calls_total', 'StoreCallLabel', RECORDER],
    ['Results', 'scripts_store_runs_total', 'StoreRunLabel', RECORDER],
    ['Reasons', 'scripts_sandbox_restarts_total', 'EndReason', 'lib/sandbox/sandbox-events.ts'],
  ])('lists the %s of %s that the code has, and no other', (what, metric, type, file) => {
    const [, after = ''] = page.split(`\n${what} of \`${metric}\`:\n\n`);
    const [table = ''] = after.split('\n\n');
    const cells = table.split('\n').map((row) => row.split('|')[1] ?? '');
    expect(cells.flatMap(wordsIn).toSorted()).toEqual(valuesOf(type, file).toSorted());
  });

  it.each([
    ['scripts_store_calls_total', 'StoreOperation', 'lib/common/built-in-calls.ts'],
    ['scripts_secret_uses_total', 'SecretUseLabel'],
    ['scripts_secret_cipher_failures_total', 'CipherOperationLabel'],
    ['scripts_breaker_transitions_total', 'BreakerStateLabel'],
    ['scripts_dlq_retries_total', 'RetryResultLabel'],
    ['scripts_schedule_passed_total', 'ScheduleReasonLabel'],
    ['scripts_events_processed_total', 'ExecutionStatusLabel'],
  ])('lists in the row of %s the values of its label, and no other', (metric, type, file = RECORDER) => {
    const row = rowsAsWritten.find(([, name]) => name === `\`${metric}\``);
    expect(wordsIn(row?.[4] ?? '').toSorted()).toEqual(valuesOf(type, file).toSorted());
  });
});

/** Why the values of a label are few, whatever tenants do. */
const BOUNDED: Readonly<Record<string, string>> = {
  event_type: 'the catalogue and types of the host; what scripts invent is custom',
  binding: 'declared by the application',
  kind: 'words of this package; the first 32, see BoundedLabel',
  reason: 'a union of words, or the first 32',
  status: 'a union of words, or a column with a CHECK',
  state: 'a union of words',
  result: 'a union of words',
  operation: 'a union of words',
  indexed: 'true or false',
  table: 'names of this package',
};

describe('the labels of metrics', () => {
  it('are those in BOUNDED, which says why each has few values', () => {
    const used = new Set(definitions.flatMap(({ labels }) => labels));
    expect([...used].toSorted()).toEqual(Object.keys(BOUNDED).toSorted());
  });

  it('of bindings are names that the application declares, whatever scripts call', async () => {
    const { registry, metrics } = bindingRegistry();
    declare(registry, 'crm.find', () => 'found');
    for (let at = 0; at < 200; at += 1)
      await expect(call(registry, `made.up_${at}`)).rejects.toThrow(/made\.up/);
    await call(registry, 'crm.find');
    expect(metrics.bindingMetrics()).toEqual({ 'crm.find': { ok: 1 } });
  });
});

describe('each metric', () => {
  const lib = join(__dirname, '../../../lib');
  const sources = readdirSync(lib, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ file: relative(lib, file).split(sep).join('/'), text: readFileSync(file, 'utf8') }));

  it('is recorded somewhere: each method of the recorder has a caller', () => {
    const outside = sources.filter(({ file }) => !file.startsWith('metrics/')).map(({ text }) => text);
    const methods = [...readSource(RECORDER).matchAll(/^ {2}abstract (\w+)\(/gm)].map(([, name]) => name);
    expect(methods.length).toBeGreaterThan(15);
    const uncalled = methods.filter((name) => !outside.some((text) => text.includes(`.${name}(`)));
    expect(uncalled).toEqual([]);
  });

  it('is created from its definition, so that it must be documented', () => {
    const makers = sources.filter(({ text }) =>
      /new (client\.)?(Counter|Gauge|Histogram|Summary)\b/.test(text),
    );
    expect(makers.map(({ file }) => file)).toEqual(['metrics/get-or-create.ts']);
    const named = sources.filter(({ text }) => /name: 'scripts_/.test(text));
    expect(named.map(({ file }) => file)).toEqual(['metrics/metric.definitions.ts']);
  });
});

import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';

const FILE = join(__dirname, '../../prometheus/scripts-event.rules.yml');

/** An alert of Prometheus. */
export interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** The alerts that the package ships. */
export const RULES: readonly Rule[] = (
  parse(readFileSync(FILE, 'utf8')) as { groups: { rules: Rule[] }[] }
).groups.flatMap(({ rules }) => rules);

/** Samples of one series, a minute apart, in promtool's notation: `0 1 2`, `0x10 5`, `0+1x60`. */
export type Samples = Record<string, string>;

/** Whether promtool is installed (Debian: `apt-get install prometheus`). */
export function hasPromtool(): boolean {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The alerts that must fire at these minutes, given these samples; no other may. */
export interface RuleCase {
  samples: Samples;
  firing: readonly string[];
  atMinutes: readonly number[];
}

/** Evaluates the shipped rules. Rejects with promtool's report if anything else fires. */
export async function expectFiring(...cases: readonly RuleCase[]): Promise<void> {
  await test({
    rule_files: [FILE],
    evaluation_interval: '1m',
    tests: cases.map(({ samples, firing, atMinutes }) => ({
      interval: '1m',
      input_series: Object.entries(samples).map(([series, values]) => ({ series, values })),
      promql_expr_test: atMinutes.map((minute) => ({
        expr: 'group by (alertname) (ALERTS{alertstate="firing"})',
        eval_time: `${minute}m`,
        exp_samples: firing.map((alert) => ({ labels: `{alertname="${alert}"}`, value: 1 })),
      })),
    })),
  });
}

/**
 * Lets promtool evaluate one of the shipped alerts over these samples: it must not have fired at the minute `before`, and
 * must have fired at some minute up to `after`. Rejects with promtool's report otherwise.
 */
export async function expectToHaveFired(
  alert: string,
  samples: Samples,
  { before, after }: { before: number; after: number },
): Promise<void> {
  const fired = `group by (alertname) (ALERTS{alertstate="firing", alertname="${alert}"})`;
  const expr = `max_over_time((${fired})[${after}m:1m])`;
  await test({
    rule_files: [FILE],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: Object.entries(samples).map(([series, values]) => ({ series, values })),
        promql_expr_test: [
          { expr, eval_time: `${before}m`, exp_samples: [] },
          { expr, eval_time: `${after}m`, exp_samples: [{ labels: `{alertname="${alert}"}`, value: 1 }] },
        ],
      },
    ],
  });
}

/** Lets promtool read the shipped rules; rejects with its report if it finds a fault. */
export async function checkRules(): Promise<void> {
  await promtool('check', 'rules', FILE);
}

/** Lets promtool read a configuration of Prometheus and the files that it names. Returns its report, or rejects with it. */
export const checkConfig = (file: string): Promise<string> => promtool('check', 'config', file);

async function test(tests: unknown): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'scripts-rules-'));
  try {
    const file = join(folder, 'rules.test.yml');
    await writeFile(file, stringify(tests));
    await promtool('test', 'rules', file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function promtool(...args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)('promtool', args)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`promtool ${args.slice(0, 2).join(' ')}:\n${stdout}${stderr}`, { cause: error });
  }
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ruleOf } from '../../../lib/options/option.decorators.js';
import { OPTION_VARIABLES, type OptionPath, splitPath } from '../../../lib/options/options.env.js';
import { ScriptsEventOptions } from '../../../lib/options/scripts-event.options.js';

/** Options whose default depends on others. */
const DERIVED = [
  'sandbox.maxTimeout',
  'sandbox.maxMemoryMb',
  'sandbox.maxProcessMemoryMb',
  'sandbox.keptMemoryMb',
  'sandbox.maxProcesses',
  'health.maxIndexAge',
];

const page = readFileSync(join(__dirname, '../../../docs/options.md'), 'utf8');
const rows = page
  .split('\n')
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
  .filter(([, option]) => /^`[\w.]+`$/.test(option ?? ''))
  .map(([, option = '', variable = '', standard = '', range = '']) => ({
    option: unquoted(option),
    variable: variable === 'in code only' ? null : unquoted(variable),
    standard: unquoted(standard),
    range,
  }));

const defaults = new ScriptsEventOptions();
const options = (Object.keys(OPTION_VARIABLES) as OptionPath[]).map((path) => {
  const [group, field] = splitPath(path);
  const owner: object = group === null ? defaults : defaults[group];
  return { path, standard: Reflect.get(owner, field) as unknown, rule: ruleOf(owner, field) };
});

function unquoted(cell: string): string {
  return cell.replaceAll('`', '');
}

function written(path: string, value: unknown): string {
  if (DERIVED.includes(path)) return 'derived';
  const empty =
    value === undefined || (typeof value === 'object' && Object.keys(value as object).length === 0);
  return empty ? 'none' : String(value);
}

describe('docs/options.md', () => {
  it('has every option once, and no other', () => {
    expect(rows.map((row) => row.option).toSorted()).toEqual(options.map(({ path }) => path).toSorted());
  });

  it.each(options)('gives the variable, the default and the range of $path', ({ path, standard, rule }) => {
    const row = rows.find(({ option }) => option === path);
    expect(row).toMatchObject({ variable: OPTION_VARIABLES[path], standard: written(path, standard) });
    const [, low, high] = /from (\S+) to ([^\s,]+)/.exec(rule?.allowed ?? '') ?? [];
    const words = [...(rule?.allowed ?? '').matchAll(/"(\S+)"/g)].map(([, word]) => `\`${word}\``);
    const range = low === undefined ? words.join(', ') : `${low} to ${high}`;
    expect(row?.range).toContain(rule?.kind === 'code' ? '' : range);
  });

  it('can be checked, because every field of every option class has a rule', () => {
    expect(options.filter(({ rule }) => rule === undefined)).toEqual([]);
  });
});

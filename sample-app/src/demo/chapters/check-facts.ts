import { countFacts, differences, type Facts } from '../differences.js';
import { EXPECTED } from '../expectations.js';
import type { Cell, Terminal } from '../terminal.js';

/** What the demo calls a fact. It prints this before it counts the facts. */
const FACT = 'A fact is one value read back after the run, such as how many runs of a script completed.';

/** Chapter: compares every fact found with what was expected. Returns true if none differs. */
export function checkFacts(terminal: Terminal, found: Facts, expected: Facts = EXPECTED): boolean {
  terminal.chapter('Checked against what should have happened');
  terminal.line('  ', FACT);
  terminal.line();
  const groups = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  const rows = groups.map((group): Cell[] => {
    const differing = differences(only(expected, group), only(found, group)).length;
    const count = countFacts(only(expected, group));
    const facts = `${count} ${count === 1 ? 'fact' : 'facts'}`;
    return [group, facts, differing === 0 ? ['as expected', 'good'] : [`${differing} differ`, 'bad']];
  });
  terminal.table(rows);
  const differing = differences(expected, found);
  for (const difference of differing) terminal.line('  ', ['differs  ', 'bad'], difference);
  terminal.line();
  const verdict = `${countFacts(expected)} facts expected, ${differing.length} differ.`;
  terminal.line([verdict, differing.length === 0 ? 'good' : 'bad']);
  return differing.length === 0;
}

const only = (facts: Facts, group: string): Facts => {
  const part = facts[group];
  return part === undefined ? {} : { [group]: part };
};

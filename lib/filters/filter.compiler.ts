import { compileCondition } from './condition.compiler.js';
import type { EntryNode, FilterNode } from './filter.ast.js';
import type { ValueTest } from './candidates.js';

/** Compiles a filter into one function over data in its JSON form. The function may throw if the host's data throws. */
export function compileFilter(filter: FilterNode): ValueTest {
  const tests = filter.entries.map(compileEntry);
  const [first, second] = tests;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  return (data, run) => {
    for (const test of tests) if (!test(data, run)) return false;
    return true;
  };
}

function compileEntry(entry: EntryNode): ValueTest {
  switch (entry.kind) {
    case 'field': {
      const { path } = entry;
      const holds = compileCondition(entry.condition, compileFilter);
      return (data, run) => holds(run.reach(data, path), run);
    }
    case 'and': {
      const tests = entry.filters.map(compileFilter);
      return (data, run) => tests.every((test) => test(data, run));
    }
    case 'or': {
      const tests = entry.filters.map(compileFilter);
      return (data, run) => tests.some((test) => test(data, run));
    }
    case 'not': {
      const test = compileFilter(entry.filter);
      return (data, run) => !test(data, run);
    }
  }
}

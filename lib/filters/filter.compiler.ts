import { compileCondition } from './condition.compiler.js';
import type { EntryNode, FilterNode } from './filter.ast.js';
import { reach, type ValueTest } from './reach.js';

/** Turns a filter as read into one function of data in its JSON form. It may throw when host data throws. */
export function compileFilter(filter: FilterNode): ValueTest {
  const tests = filter.entries.map(compileEntry);
  const [first, second] = tests;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  return (data) => {
    for (const test of tests) if (!test(data)) return false;
    return true;
  };
}

function compileEntry(entry: EntryNode): ValueTest {
  switch (entry.kind) {
    case 'field': {
      const { parts } = entry.path;
      const holds = compileCondition(entry.condition, compileFilter);
      return (data) => holds(reach(data, parts));
    }
    case 'and': {
      const tests = entry.filters.map(compileFilter);
      return (data) => tests.every((test) => test(data));
    }
    case 'or': {
      const tests = entry.filters.map(compileFilter);
      return (data) => tests.some((test) => test(data));
    }
    case 'not': {
      const test = compileFilter(entry.filter);
      return (data) => !test(data);
    }
  }
}

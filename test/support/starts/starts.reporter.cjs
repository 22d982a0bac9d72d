const { existsSync, readFileSync } = require('node:fs');
const { relative } = require('node:path');

/**
 * The most that all test files of the short form together may start. Starting takes most of the time of the short form,
 * which may be six minutes on two cores (CONTRIBUTING.md says how a test starts less).
 */
const BUDGET = {
  application: 220,
  'sandbox process': 400,
  'other process': 370,
  database: 450,
};
const SHOWN = 5;

/** Says what the tests have started, and fails a whole run of the short form that has started too much. */
module.exports = class StartsReporter {
  constructor(config) {
    this.config = config;
  }

  onRunComplete() {
    const starts = startsIn(process.env.TEST_STARTS);
    const total = (kind) => starts.filter((start) => start.kind === kind).length;
    const kinds = Object.keys(BUDGET);
    process.stderr.write(`Started: ${kinds.map((kind) => `${kind} ${total(kind)}`).join(', ')}\n`);
    if (!this.isWholeShortForm()) return;
    const exceeded = kinds.filter((kind) => total(kind) > BUDGET[kind]);
    const told = exceeded.map((kind) => {
      const most = mostOf(starts.filter((start) => start.kind === kind)).map(
        ([path, count]) => `${relative(this.config.rootDir, path)} ${count}`,
      );
      return `${kind}: ${total(kind)} of at most ${BUDGET[kind]}, most in ${most.join(', ')}`;
    });
    if (told.length > 0)
      this.error = new Error(
        `The short form starts too much. Share it, or leave tests to the full form (CONTRIBUTING.md).\n${told.join('\n')}`,
      );
  }

  getLastError() {
    return this.error;
  }

  isWholeShortForm() {
    const { testPathPatterns, testNamePattern, onlyChanged, shard } = this.config;
    const isFull = process.env.TESTS === 'full' || process.env.FAULTS === 'full';
    return !isFull && testPathPatterns.patterns.length === 0 && !testNamePattern && !onlyChanged && !shard;
  }
};

function startsIn(file) {
  const lines = file && existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  return lines.map((line) => {
    const [kind, path] = line.split('\t');
    return { kind, path };
  });
}

function mostOf(starts) {
  const counts = new Map();
  for (const { path } of starts) counts.set(path, (counts.get(path) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a).slice(0, SHOWN);
}

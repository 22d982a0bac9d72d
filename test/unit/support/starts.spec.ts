import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Reporter {
  onRunComplete(): void;
  getLastError(): Error | undefined;
}

const StartsReporter = require('../../support/starts/starts.reporter.cjs') as new (
  config: object,
) => Reporter;

const WHOLE = { rootDir: '/root', testPathPatterns: { patterns: [] } };

describe('the short form of the tests', () => {
  const folder = mkdtempSync(join(tmpdir(), 'starts-'));
  const before = { ...process.env };
  beforeEach(() => {
    process.env.TEST_STARTS = join(folder, 'starts');
    delete process.env.TESTS;
    delete process.env.FAULTS;
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    process.env = before;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const started = (count: number, config: object): Error | undefined => {
    const line = (at: number) => `database\t/root/test/${at < 3 ? 'few' : 'many'}.spec.ts\n`;
    writeFileSync(
      process.env.TEST_STARTS as string,
      Array.from({ length: count }, (_, at) => line(at)).join(''),
    );
    const reporter = new StartsReporter(config);
    reporter.onRunComplete();
    return reporter.getLastError();
  };

  it('fails if it starts more than its budget, and names the files that start most', () => {
    expect(started(10, WHOLE)).toBeUndefined();
    expect(started(1_000, WHOLE)?.message).toMatch(
      /CONTRIBUTING\.md[^]*database: 1000 of at most \d+, most in test\/many\.spec\.ts 997, test\/few\.spec\.ts 3$/,
    );
  });

  it('does not fail if only a part of it has run, nor in the full form', () => {
    expect(started(1_000, { ...WHOLE, testPathPatterns: { patterns: ['test/unit'] } })).toBeUndefined();
    process.env.TESTS = 'full';
    expect(started(1_000, WHOLE)).toBeUndefined();
  });
});

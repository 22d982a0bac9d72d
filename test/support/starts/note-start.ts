import { appendFileSync } from 'node:fs';

/** Notes that this test file starts something, for `starts.reporter.cjs`. */
export function noteStart(kind: 'application' | 'database'): void {
  const file = process.env.TEST_STARTS;
  if (file) appendFileSync(file, `${kind}\t${expect.getState().testPath}\n`);
}

import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { staleBuild } from '../../support/stale-build';

describe('the check of the build before a test run', () => {
  let root: string;
  const put = (path: string, seconds: number): void => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
    utimesSync(file, seconds, seconds);
  };
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'stale-build-'));
    put('lib/index.ts', 100);
    put('dist/lib/index.js', 100);
    put('lib/sandbox/child/main.ts', 100);
    put('dist/lib/sandbox/child/main.js', 101);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('accepts a build whose files are as new as their sources', () => {
    put('lib/sandbox/README.md', 500);
    expect(staleBuild(root)).toBeUndefined();
  });

  it('names a source that is newer than the build, and the command to run', () => {
    put('lib/sandbox/child/main.ts', 102);
    expect(staleBuild(root)).toBe('dist/ is older than lib/sandbox/child/main.ts: run "npm run build"');
  });

  it('names a source that the build does not contain', () => {
    put('lib/sandbox/child/new.ts', 1);
    expect(staleBuild(root)).toBe('dist/ is older than lib/sandbox/child/new.ts: run "npm run build"');
  });
});

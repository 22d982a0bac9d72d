import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './pages.js';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** What a file installs in place of `npm ci`: the packages and versions of its `npm install --no-save`. */
function unsaved(path: string): string[] {
  const [, packages] = /npm install --no-save (?:--no-\w+ )*([^`;\n]+)/.exec(read(path)) ?? [];
  return (packages ?? '')
    .trim()
    .match(/"[^"]+"|'[^']+'|\S+/g)!
    .map((word) => word.replace(/^["']|["']$/g, ''));
}

describe('the line that installs a clone on Node.js 22 and 24', () => {
  it.each(['README.md', 'CONTRIBUTING.md'])('in %s is the one that .ci/run has tried', (page) => {
    expect(unsaved(page)).toEqual(unsaved('.ci/run'));
  });

  it('replaces exactly the packages whose versions in the lockfile are for Node.js 20', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as {
      devDependencies: Record<string, string>;
    };
    expect(unsaved('.ci/run').map((name) => name.slice(0, name.lastIndexOf('@')))).toEqual([
      'isolated-vm',
      'graphile-worker',
    ]);
    expect(devDependencies).toMatchObject({
      'isolated-vm': expect.stringMatching(/^5\./),
      'graphile-worker': expect.stringMatching(/^0\.17\./),
    });
  });
});

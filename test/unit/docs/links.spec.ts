import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { allPages, anchorsOf, type Page, readPage, ROOT } from './pages.js';

/** The beginning of the README's links once the repository has a name: see .ci/set-repository.mjs. */
const { homepage } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { homepage: string };
const OWN = homepage.replace('#readme', '/blob/main/');

/** Links to places in this repository, relative or with its address. */
const localLinks = ({ text }: Page): string[] =>
  [...text.replace(/^```[^]*?^```$/gm, '').matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!.replace(OWN, ''))
    .filter((target) => !/^[a-z]+:/.test(target));

describe('links of each README, CONTRIBUTING and docs', () => {
  it.each(allPages().map((page) => [page.path, page] as const))('all lead somewhere in %s', (path, page) => {
    const dead = localLinks(page).filter((link) => {
      const [file, anchor] = link.split('#', 2) as [string, string | undefined];
      const target = file === '' ? path : normalize(join(dirname(path), file));
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchorsOf(readPage(target)).includes(anchor);
    });
    expect(dead).toEqual([]);
  });

  it('are found in the README by this test', () => {
    expect(localLinks(readPage('README.md')).length).toBeGreaterThan(8);
  });
});

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readPage, ROOT } from './pages.js';

interface Listed {
  title: string;
  path: string;
}

const list = readPage('docs/README.md').text;
const pages: Listed[] = [...list.matchAll(/^\d+\. \[(.+?)\]\((.+?)\)/gm)].map(([, title, path]) => ({
  title: title as string,
  path: path as string,
}));
const position = (path: string): number => pages.findIndex((page) => page.path === path);

/** The last line of a page: the one before it, the list, the one after it. */
function footerOf(index: number): string {
  const [before, after] = [pages[index - 1], pages[index + 1]];
  const up = (path: string): string => (pages[index]!.path.includes('/') ? `../${path}` : path);
  return [
    before && `← [${before.title}](${up(before.path)})`,
    `[All pages](${up('README.md')})`,
    after && `[${after.title}](${up(after.path)}) →`,
  ]
    .filter(Boolean)
    .join(' · ');
}

describe('docs/README.md', () => {
  it('lists every page of the manual once', () => {
    const files = readdirSync(join(ROOT, 'docs')).filter(
      (name) => name.endsWith('.md') && name !== 'README.md',
    );
    expect(pages.map(({ path }) => path).toSorted()).toEqual([...files, 'decisions/README.md'].toSorted());
  });

  it('numbers the pages in one sequence', () => {
    const numbers = [...list.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number));
    expect(numbers).toEqual(pages.map((_, index) => index + 1));
  });

  it.each(pages.map(({ path }) => path))('lists %s, which ends with links to its neighbours', (path) => {
    const last = readPage(`docs/${path}`).text.trimEnd().split('\n').at(-1);
    expect(last).toBe(footerOf(position(path)));
  });

  it('lists the pages in the same order as the README', () => {
    const linked = [
      ...readPage('README.md')
        .text.split('\n## Documentation\n')[1]!
        .matchAll(/docs\/((?!README)[\w/-]+\.md)/g),
    ].map(([, path]) => position(path as string));
    expect(linked).toEqual(pages.map((_, index) => index));
  });
});

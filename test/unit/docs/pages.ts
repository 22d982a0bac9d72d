import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '../../..');

/** A page of the manual. */
export interface Page {
  /** Path from the repository's root. */
  path: string;
  text: string;
}

/** A block of code in a page. */
export interface CodeBlock {
  page: string;
  /** Line of its first line in the page, from 1. */
  line: number;
  /** What follows the fence: `ts complete`. */
  info: string;
  code: string;
}

export const readPage = (path: string): Page => ({ path, text: readFileSync(join(ROOT, path), 'utf8') });

/** Each README, CONTRIBUTING and everything in docs/. */
export const allPages = (): Page[] => [
  ...['README.md', 'CONTRIBUTING.md', 'sample-app/README.md', 'bench/README.md'].map(readPage),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .toSorted()
    .map((name) => readPage(join('docs', name))),
];

/** Blocks whose language is one of these. */
export function codeBlocks({ path, text }: Page, ...languages: string[]): CodeBlock[] {
  return [...text.matchAll(/^```(\S+.*)\n([^]*?)^```$/gm)]
    .map(([, info, code], index, all) => ({
      match: all[index] as RegExpExecArray,
      info: info ?? '',
      code: code ?? '',
    }))
    .map(({ match, info, code }) => ({
      page: path,
      line: text.slice(0, match.index).split('\n').length + 1,
      info,
      code,
    }))
    .filter(({ info }) => languages.includes(info.split(' ', 1)[0] as string));
}

/** Anchors of a page's headings, as GitHub makes them: a second heading of the same words gets `-1`. */
export function anchorsOf({ text }: Page): string[] {
  const seen = new Map<string, number>();
  return [...text.replace(/^```[^]*?^```$/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => {
    const anchor = (heading as string)
      .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}

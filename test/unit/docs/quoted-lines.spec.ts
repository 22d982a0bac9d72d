import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPage, ROOT } from './pages.js';

/** Texts in the table that come from Node.js, the system or another package. */
const FOREIGN = [
  "Cannot find module 'isolated-vm'",
  'NODE_MODULE_VERSION',
  'invalid ELF header',
  'spawn … EAGAIN',
  'ENOMEM',
];

const LIB = join(ROOT, 'lib');
/** The sources; texts that are split into several literals are joined. */
const sources = readdirSync(LIB, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(LIB, file), 'utf8'))
  .join('\n')
  .replace(/['"`]\s*\+\s*['"`]/g, '')
  .replaceAll("\\'", "'");

const { text } = readPage('docs/at-night.md');
const spans = (part: string): string[] => [...part.matchAll(/`([^`]+)`/g)].map(([, span]) => span as string);

const starts = text
  .split("\nWhen a process can't start")[1]!
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .flatMap((line) => spans(line.split('|')[1] as string));
/** Sentences in running text, of three words and more: `Retries are waiting for the database`. */
const sentences = spans(text.replace(/^\|.*$|^```[^]*?^```$/gm, '')).filter((span) =>
  /^\w[\w ]* \w+ \w+$/.test(span.replace(/\s+/g, ' ')),
);
const quoted = [...new Set([...starts, ...sentences])]
  .map((line) => line.replace(/\s+/g, ' '))
  .filter((line) => !FOREIGN.includes(line));

describe('docs/at-night.md', () => {
  it.each(quoted)('quotes a line that the package writes: %s', (line) => {
    const missing = line
      .split('…')
      .map((part) => part.trim())
      .filter((part) => !sources.includes(part));
    expect(missing).toEqual([]);
  });

  it('quotes more than six lines in its table and more than one in its text', () => {
    expect(starts.length).toBeGreaterThan(6);
    expect(sentences.length).toBeGreaterThan(1);
  });
});

import { javascriptLanguage, typescriptLanguage } from '@codemirror/lang-javascript';
import { jsonLanguage } from '@codemirror/lang-json';
import { classHighlighter, highlightTree } from '@lezer/highlight';
import { type DiffLine, diffLines } from './diff.lines.js';
import type { Diff, DiffOptions } from './editor.types.js';
import { adoptStyle } from './style.js';

const LANGUAGES = { javascript: javascriptLanguage, typescript: typescriptLanguage, json: jsonLanguage };

/** Unchanged lines that stay beside a change. */
const CONTEXT = 3;
/** Fewer are shown rather than folded. */
const FOLDED_FROM = 4;

/** Shows what differs between two texts, line by line. Nothing in it is told by its colour alone. */
export function mountDiff(element: HTMLElement, options: DiffOptions): Diff {
  const lines = diffLines(options.before, options.after);
  const count = (kind: DiffLine['kind']): number => lines.filter((line) => line.kind === kind).length;
  const [added, removed] = [count('added'), count('removed')];
  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  adoptStyle(root);
  const box = create('div', 'diff');
  box.append(
    create('p', '', `${options.beforeLabel} → ${options.afterLabel}: ${summaryOf(added, removed)}`),
    create('div', 'lines', ...stretches(lines).map((stretch) => drawn(stretch, options.language))),
  );
  root.append(box);
  element.append(host);
  return { added, removed, destroy: () => host.remove() };
}

const summaryOf = (added: number, removed: number): string =>
  added + removed === 0
    ? 'no difference'
    : [added && `${lineCount(added)} added`, removed && `${lineCount(removed)} removed`]
        .filter(Boolean)
        .join(', ');

const lineCount = (count: number): string => (count === 1 ? '1 line' : `${count} lines`);

/** Lines that are shown, or folded because nothing near them changed. */
interface Stretch {
  readonly folded: boolean;
  readonly lines: DiffLine[];
}

function stretches(lines: readonly DiffLine[]): Stretch[] {
  const near = new Set<number>();
  for (const [index, { kind }] of lines.entries())
    if (kind !== 'same')
      for (let other = index - CONTEXT; other <= index + CONTEXT; other += 1) near.add(other);
  const found: Stretch[] = [];
  for (const [index, line] of lines.entries()) {
    const folded = !near.has(index);
    const last = found.at(-1);
    if (last?.folded === folded) last.lines.push(line);
    else found.push({ folded, lines: [line] });
  }
  return found.map((stretch) =>
    stretch.lines.length < FOLDED_FROM ? { ...stretch, folded: false } : stretch,
  );
}

function drawn({ folded, lines }: Stretch, language: DiffOptions['language']): Node {
  const rows = lines.map((line) => row(line, language));
  if (!folded) {
    const part = document.createDocumentFragment();
    part.append(...rows);
    return part;
  }
  return create('details', '', create('summary', '', `${lineCount(lines.length)} without a change`), ...rows);
}

const SIGNS = { same: '', added: '+', removed: '−' };
const TAGS = { same: 'span', added: 'ins', removed: 'del' } as const;

function row(line: DiffLine, language: DiffOptions['language']): HTMLElement {
  const aside = (text: string, name = ''): HTMLElement => {
    const cell = create('span', name, text);
    cell.ariaHidden = 'true';
    return cell;
  };
  return create(
    'div',
    `line ${line.kind}`,
    aside(String(line.before ?? '')),
    aside(String(line.after ?? '')),
    aside(SIGNS[line.kind], 'sign'),
    create(TAGS[line.kind], 'code', ...pieces(line, language)),
  );
}

/** The text of a line in pieces of one colour, with what changed in it marked. */
function pieces({ text, changed }: DiffLine, language: DiffOptions['language']): Node[] {
  const cuts = new Set([0, text.length, ...changed.flat()]);
  const colours: { from: number; to: number; name: string }[] = [];
  if (language !== undefined)
    highlightTree(LANGUAGES[language].parser.parse(text), classHighlighter, (from, to, name) => {
      colours.push({ from, to, name });
      cuts.add(from).add(to);
    });
  const places = [...cuts].toSorted((a, b) => a - b);
  return places.slice(1).map((to, index) => {
    const from = places[index] as number;
    const name = colours.find((colour) => colour.from <= from && to <= colour.to)?.name ?? '';
    const marked = changed.some(([start, end]) => start <= from && to <= end);
    return create(marked ? 'mark' : 'span', name, text.slice(from, to));
  });
}

function create(tag: string, name: string, ...children: readonly (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  if (name !== '') element.className = name;
  element.append(...children);
  return element;
}

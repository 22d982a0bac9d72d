import { coloured } from './code.js';
import { comparedLines, type DiffLine, diffLines } from './diff.lines.js';
import { create } from './dom.js';
import type { Diff, DiffOptions } from './editor.types.js';
import { adoptStyle } from './style.js';

/** Unchanged lines shown before and after each change. */
const CONTEXT = 3;
/** Fewest lines that are folded. */
const FOLDED_FROM = 4;

/** Shows what differs between two texts, line by line. Signs say the same as the colours. */
export function mountDiff(element: HTMLElement, options: DiffOptions): Diff {
  const { of } = options;
  const lines = 'before' in of ? diffLines(of.before, of.after) : comparedLines(of);
  const count = (kind: DiffLine['kind']): number => lines.filter((line) => line.kind === kind).length;
  const [added, removed] = [count('added'), count('removed')];
  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  adoptStyle(root);
  const box = create('div', 'diff');
  box.append(
    create('p', '', captionOf(options, added, removed)),
    create('div', 'lines', ...stretches(lines).map((stretch) => drawn(stretch, options.language))),
  );
  root.append(box);
  element.append(host);
  return { added, removed, destroy: () => host.remove() };
}

/** Equal labels mean that there is only one text, and no difference to sum up. */
const captionOf = ({ beforeLabel, afterLabel }: DiffOptions, added: number, removed: number): string =>
  beforeLabel === afterLabel ? afterLabel : `${beforeLabel} → ${afterLabel}: ${summaryOf(added, removed)}`;

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
  // Folding all of it would leave nothing to read.
  if (lines.every(({ kind }) => kind === 'same')) return [{ folded: false, lines: [...lines] }];
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

const row = (line: DiffLine, language: DiffOptions['language']): HTMLElement =>
  create(
    'div',
    `line ${line.kind}`,
    aside(String(line.before ?? '')),
    aside(String(line.after ?? '')),
    aside(SIGNS[line.kind], 'sign'),
    create(TAGS[line.kind], 'code', ...coloured(line.text, language, line.changed)),
  );

/** A cell hidden from screen readers, which announce `ins` and `del` themselves. */
function aside(text: string, name = ''): HTMLElement {
  const cell = create('span', name, text);
  cell.ariaHidden = 'true';
  return cell;
}

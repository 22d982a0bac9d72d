import { javascriptLanguage, typescriptLanguage } from '@codemirror/lang-javascript';
import { jsonLanguage } from '@codemirror/lang-json';
import { classHighlighter, highlightTree } from '@lezer/highlight';
import { create } from './dom.js';

const LANGUAGES = { javascript: javascriptLanguage, typescript: typescriptLanguage, json: jsonLanguage };

/** Splits a text into elements of one colour each: `<mark>` within the marked ranges, `<span>` elsewhere. */
export function coloured(
  text: string,
  language: keyof typeof LANGUAGES | undefined,
  marked: readonly (readonly [from: number, to: number])[] = [],
): Node[] {
  const cuts = new Set([0, text.length, ...marked.flat()]);
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
    const isMarked = marked.some(([start, end]) => start <= from && to <= end);
    return create(isMarked ? 'mark' : 'span', name, text.slice(from, to));
  });
}

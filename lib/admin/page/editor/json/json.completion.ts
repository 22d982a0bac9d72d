import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  snippet,
} from '@codemirror/autocomplete';
import type { EditorView } from '@codemirror/view';
import { type JsonPosition, positionAt } from './json.position.js';
import { JsonTree } from './json.tree.js';

/** Something that could be written. */
export interface Offer {
  readonly label: string;
  readonly type: 'property' | 'keyword' | 'constant';
  readonly detail: string;
  /** JSON text, with `#{…}` for what its author replaces. A member's has its name and value. */
  readonly template: string;
}

/** What could be written at a place of a JSON text, while a name or value is begun there, or is asked for. */
export function completeJson(
  { state, pos, explicit }: CompletionContext,
  offersAt: (position: JsonPosition) => readonly Offer[],
): CompletionResult | null {
  const text = state.doc.toString();
  const position = positionAt(new JsonTree(text), pos);
  if (!position || (!explicit && !/["\w]$/.test(text.slice(position.from, pos)))) return null;
  const options = offersAt(position).filter(({ label }) => !position.taken.has(label));
  if (options.length === 0) return null;
  return {
    from: text[position.from] === '"' ? position.from + 1 : position.from,
    options: options.map((offer, index) => completion(offer, index, position.kind)),
    validFor: /^[^"\s]*$/,
  };
}

/** A member that is written whole: its name, and a place for its value. */
export function memberTemplate(name: string, value = '#{}'): string {
  // Braces would begin a part that its author replaces.
  return `${JSON.stringify(name).replaceAll(/[{}]/g, '\\$&')}: ${value}`;
}

const completion = (
  { label, type, detail, template }: Offer,
  index: number,
  kind: JsonPosition['kind'],
): Completion => ({
  label,
  type,
  // In the order in which they are given, instead of that of letters.
  boost: -Math.min(index, 99),
  ...(detail === '' ? {} : { detail }),
  apply: (view, _completion, from, to) => write(view, template, kind, from, to),
});

/** Writes over the quotes around it. Of a member that has its value already only the name changes. */
function write(
  view: EditorView,
  template: string,
  kind: JsonPosition['kind'],
  from: number,
  to: number,
): void {
  const text = view.state.doc.toString();
  const start = text[from - 1] === '"' ? from - 1 : from;
  const end = text[to] === '"' ? to + 1 : to;
  const hasValue = kind === 'name' && /^\s*:/.test(text.slice(end));
  const name = template.slice(0, template.indexOf('": ') + 1);
  snippet(hasValue ? name : template)(view, null, start, end);
}

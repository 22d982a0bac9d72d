import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  snippet,
} from '@codemirror/autocomplete';
import type { EditorView } from '@codemirror/view';
import { type JsonPosition, positionAt } from './json.position.js';
import { JsonTree } from './json.tree.js';

/** A completion that is offered. */
export interface Offer {
  readonly label: string;
  readonly type: 'property' | 'keyword' | 'constant';
  readonly detail: string;
  /** The JSON to write, with `#{…}` for what the author replaces. For a member: its name and value. */
  readonly template: string;
}

/** Completions in a JSON text, while the author writes a name or a value, or if the author asks for them. */
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

/** The template of a member: its name, and by default an empty part for its value. */
export function memberTemplate(name: string, value = '#{}'): string {
  // Without the backslash, a brace would begin a part that the author replaces.
  return `${JSON.stringify(name).replaceAll(/[{}]/g, '\\$&')}: ${value}`;
}

const completion = (
  { label, type, detail, template }: Offer,
  index: number,
  kind: JsonPosition['kind'],
): Completion => ({
  label,
  type,
  // Keeps the given order; CodeMirror would sort by label.
  boost: -Math.min(index, 99),
  ...(detail === '' ? {} : { detail }),
  apply: (view, _completion, from, to) => write(view, template, kind, from, to),
});

/** Replaces a text and the quotes around it. If a member has a value already, only its name is replaced. */
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

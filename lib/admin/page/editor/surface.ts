import { closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, indentOnInput } from '@codemirror/language';
import { lintKeymap } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { Annotation, Compartment, EditorState, type Extension } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  type KeyBinding,
  lineNumbers,
} from '@codemirror/view';
import { create } from './dom.js';
import type { EditorOptions } from './editor.types.js';
import { adoptStyle } from './style.js';
import { theme } from './theme.js';
import { typingOverSelection } from './typing.js';

/** Marks a change made by the page, which is not reported as an edit. */
const byPage = Annotation.define<true>();

/** What differs from one kind of editor to another. */
interface Kind {
  readonly text: string;
  /** Help on keys: shown below the editor, and read by screen readers when the editor takes the focus. */
  readonly hint?: string;
  /** Other elements below the text. */
  readonly foot?: readonly Node[];
  readonly extensions: Extension;
  readonly onEdit: (text: string) => void;
}

/**
 * A CodeMirror editor in a shadow root. There it adopts its style sheets, which a strict Content-Security-Policy
 * allows; in a document it would add `<style>` elements.
 */
export class Surface {
  readonly view: EditorView;
  private readonly host = document.createElement('div');
  private readonly writing = new Compartment();

  constructor(element: HTMLElement, options: EditorOptions, kind: Kind) {
    element.append(this.host);
    const root = this.host.attachShadow({ mode: 'open' });
    adoptStyle(root);
    this.view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: kind.text,
        extensions: [
          actions(options),
          lineNumbers(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          typingOverSelection,
          highlightActiveLine(),
          highlightSelectionMatches(),
          keymap.of([
            ...closeBracketsKeymap,
            ...completionKeymap,
            ...lintKeymap,
            ...searchKeymap,
            ...historyKeymap,
            ...defaultKeymap,
          ]),
          EditorState.tabSize.of(2),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({
            'aria-label': options.label,
            ...(kind.hint === undefined ? {} : { 'aria-describedby': 'hint' }),
            spellcheck: 'false',
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged && !update.transactions.some((change) => change.annotation(byPage)))
              kind.onEdit(this.text);
          }),
          this.writing.of(writable(options.readOnly)),
          theme,
          kind.extensions,
        ],
      }),
    });
    const { hint, foot = [] } = kind;
    if (hint === undefined && foot.length === 0) return;
    const line = create('div', 'foot', ...foot);
    if (hint !== undefined) {
      const keys = create('span', '', hint);
      keys.id = 'hint';
      line.append(keys);
    }
    root.append(line);
  }

  get text(): string {
    return this.view.state.doc.toString();
  }

  setText(text: string): void {
    if (text === this.text) return;
    const changes = { from: 0, to: this.view.state.doc.length, insert: text };
    this.view.dispatch({ changes, annotations: byPage.of(true) });
  }

  setReadOnly(readOnly: boolean): void {
    this.view.dispatch({ effects: this.writing.reconfigure(writable(readOnly)) });
  }

  focus(): void {
    this.view.focus();
  }

  destroy(): void {
    this.view.destroy();
    this.host.remove();
  }
}

/** A read-only text keeps its cursor, so that people can move in it, search and copy by keyboard. */
const writable = (readOnly = false): Extension => [
  EditorState.readOnly.of(readOnly),
  EditorView.contentAttributes.of({ 'aria-readonly': String(readOnly) }),
];

const actions = ({ onRun, onSave }: EditorOptions): Extension =>
  keymap.of([...key('Mod-Enter', onRun), ...key('Mod-s', onSave)]);

function key(name: string, act: (() => void) | undefined): KeyBinding[] {
  if (act === undefined) return [];
  const run = (): true => {
    act();
    return true;
  };
  return [{ key: name, run }];
}

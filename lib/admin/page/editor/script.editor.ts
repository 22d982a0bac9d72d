import { indentWithTab } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { Compartment } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { create } from './dom.js';
import type { Problem, ScriptEditor, ScriptEditorOptions, ScriptLanguage } from './editor.types.js';
import { problemBoxes } from './problems.js';
import { Surface } from './surface.js';
import { TypeSupport } from './types/type-support.js';
import { TypesClient, type TypesState } from './types/types.client.js';

const HINT = 'Ctrl+Space: complete · F1: explain · F8: next problem · Escape, then Tab: leave the editor';

/** Mounts an editor for a script's source. Tab indents; Escape and then Tab leaves the editor. */
export function mountScriptEditor(element: HTMLElement, options: ScriptEditorOptions): ScriptEditor {
  let { language, types } = options;
  const syntax = new Compartment();
  const problems = problemBoxes();
  const status = create('span', '');
  status.role = 'status';
  const again = (): void => {
    client.start();
    // The focus was on the button "Try again", which is gone.
    surface.focus();
  };
  const client = new TypesClient((state) => {
    status.replaceChildren(...told(state, again));
    if (state === 'ready') support.refresh(view);
  });
  const support = new TypeSupport(client, ({ state }) =>
    types === undefined ? undefined : { source: state.doc.toString(), language, types },
  );
  const surface = new Surface(element, options, {
    text: options.source,
    hint: HINT,
    foot: [status],
    extensions: [
      syntax.of(syntaxOf(language)),
      problems.extension,
      support.extension,
      keymap.of([indentWithTab]),
    ],
    onEdit: (source) => options.onChange?.(source),
  });
  const { view } = surface;
  problems.show(view, options.problems ?? []);
  const begin = (): void => {
    if (types !== undefined && client.state === 'off') client.tell({ source: surface.text, language, types });
  };
  // The compiler is large: loading it must not delay the editor.
  const cancel = whenIdle(begin);
  return {
    get source() {
      return surface.text;
    },
    setSource: (source) => surface.setText(source),
    setLanguage(given) {
      language = given;
      view.dispatch({ effects: syntax.reconfigure(syntaxOf(language)) });
      support.refresh(view);
    },
    setTypes(given) {
      types = given;
      begin();
      support.refresh(view);
    },
    setReadOnly: (readOnly) => surface.setReadOnly(readOnly),
    setProblems: (given: readonly Problem[]) => problems.show(view, given),
    goTo(line) {
      const { from } = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
      view.dispatch({
        selection: { anchor: from },
        effects: EditorView.scrollIntoView(from, { y: 'center' }),
      });
      view.focus();
    },
    focus: () => surface.focus(),
    destroy() {
      cancel();
      client.stop();
      surface.destroy();
    },
  };
}

const syntaxOf = (language: ScriptLanguage) => javascript({ typescript: language === 'typescript' });

/** Tells that the compiler is loading or has failed; empty otherwise. */
function told(state: TypesState, again: () => void): (Node | string)[] {
  if (state === 'loading') return ['Loading completion and checks…'];
  if (typeof state === 'string') return [];
  const retry = create('button', '', 'Try again');
  retry.addEventListener('click', again);
  return [`Completion and checks are unavailable: ${state.failed.replace(/\.$/, '')}. `, retry];
}

/** Milliseconds after which `whenIdle` acts even if the browser is never idle, or can't tell. */
const LATEST_MS = 500;

function whenIdle(act: () => void): () => void {
  if (typeof requestIdleCallback === 'function') {
    const id = requestIdleCallback(act, { timeout: LATEST_MS });
    return () => cancelIdleCallback(id);
  }
  const id = setTimeout(act, LATEST_MS);
  return () => clearTimeout(id);
}

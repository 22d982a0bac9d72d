import { indentWithTab } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { Compartment } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import type { Problem, ScriptEditor, ScriptEditorOptions, ScriptLanguage } from './editor.types.js';
import { problemBoxes } from './problems.js';
import { Surface } from './surface.js';

/** The source of a script. Tab indents; Escape and then Tab leaves the editor. */
export function mountScriptEditor(element: HTMLElement, options: ScriptEditorOptions): ScriptEditor {
  const syntax = new Compartment();
  const problems = problemBoxes();
  const surface = new Surface(element, options, {
    text: options.source,
    extensions: [syntax.of(syntaxOf(options.language)), problems.extension, keymap.of([indentWithTab])],
    onEdit: (source) => options.onChange?.(source),
  });
  const { view } = surface;
  problems.show(view, options.problems ?? []);
  return {
    get source() {
      return surface.text;
    },
    setSource: (source) => surface.setText(source),
    setLanguage: (language) => view.dispatch({ effects: syntax.reconfigure(syntaxOf(language)) }),
    setTypes: () => {},
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
    destroy: () => surface.destroy(),
  };
}

const syntaxOf = (language: ScriptLanguage) => javascript({ typescript: language === 'typescript' });

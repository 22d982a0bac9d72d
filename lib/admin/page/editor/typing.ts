import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';

/**
 * Writes over a selection by itself. Chromium would keep the look of what it replaces in a `style` attribute, which CodeMirror
 * takes away again, but which a strict Content-Security-Policy reports before.
 */
export const typingOverSelection: Extension = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { state } = view;
    const { from, to, empty } = state.selection.main;
    const text = event.data;
    if (event.inputType !== 'insertText' || event.isComposing || text === null || empty || state.readOnly)
      return false;
    const insert = () =>
      state.update(state.replaceSelection(text), { userEvent: 'input.type', scrollIntoView: true });
    const handlers = state.facet(EditorView.inputHandler);
    if (!handlers.some((handler) => handler(view, from, to, text, insert))) view.dispatch(insert());
    return true;
  },
});

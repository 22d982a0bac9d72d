import { json } from '@codemirror/lang-json';
import type { JsonEditor, JsonEditorOptions, JsonValue } from './editor.types.js';
import { isObject, parsed, written } from './json.text.js';
import { problemBoxes } from './problems.js';
import { Surface } from './surface.js';

/** An event's payload, or other JSON. Tab leaves it. */
export function mountJsonEditor(element: HTMLElement, options: JsonEditorOptions): JsonEditor {
  const problems = problemBoxes();
  const read = (text: string): JsonValue | undefined => {
    const value = parsed(text);
    return (options.objectOnly ?? true) && !isObject(value) ? undefined : value;
  };
  const surface = new Surface(element, options, {
    text: written(options.value),
    extensions: [json(), problems.extension],
    onEdit: (text) => options.onChange?.({ text, value: read(text) }),
  });
  problems.show(surface.view, options.problems ?? []);
  return {
    get text() {
      return surface.text;
    },
    get value() {
      return read(surface.text);
    },
    setValue: (value) => surface.setText(written(value)),
    setFields: () => {},
    setReadOnly: (readOnly) => surface.setReadOnly(readOnly),
    setProblems: (given) => problems.show(surface.view, given),
    focus: () => surface.focus(),
    destroy: () => surface.destroy(),
  };
}

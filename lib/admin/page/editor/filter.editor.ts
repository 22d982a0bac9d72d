import { json } from '@codemirror/lang-json';
import type { FilterEditor, FilterEditorOptions, JsonObject } from './editor.types.js';
import { isObject, parsed, written } from './json.text.js';
import { problemBoxes } from './problems.js';
import { Surface } from './surface.js';

/** A script's filter. Tab leaves it. */
export function mountFilterEditor(element: HTMLElement, options: FilterEditorOptions): FilterEditor {
  const problems = problemBoxes();
  const surface = new Surface(element, options, {
    text: textOf(options.filter),
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
    setFilter: (filter) => surface.setText(textOf(filter)),
    setFields: () => {},
    setExplain: () => {},
    setReadOnly: (readOnly) => surface.setReadOnly(readOnly),
    setProblems: (given) => problems.show(surface.view, given),
    focus: () => surface.focus(),
    destroy: () => surface.destroy(),
  };
}

const textOf = (filter: JsonObject | null): string =>
  filter === null || Object.keys(filter).length === 0 ? '' : written(filter);

function read(text: string): JsonObject | null | undefined {
  if (text.trim() === '') return null;
  const value = parsed(text);
  return isObject(value) ? value : undefined;
}

import { autocompletion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { json } from '@codemirror/lang-json';
import { lintGutter, linter } from '@codemirror/lint';
import type { JsonEditor, JsonEditorOptions, JsonValue } from '../editor.types.js';
import { problemBoxes } from '../problems.js';
import { Surface } from '../surface.js';
import { completeJson, memberTemplate, type Offer } from './json.completion.js';
import { jsonFaults } from './json.faults.js';
import { isObject, parsed, written } from './json.text.js';
import { JsonTree } from './json.tree.js';

/** Milliseconds after an edit before the text is checked. */
const DELAY_MS = 300;

/** Mounts an editor for an event's payload or other JSON. Tab leaves the editor. */
export function mountJsonEditor(element: HTMLElement, options: JsonEditorOptions): JsonEditor {
  let { fields = [] } = options;
  const { objectOnly = true } = options;
  const problems = placedProblems();
  const read = (text: string): JsonValue | undefined => {
    const value = parsed(text);
    return objectOnly && !isObject(value) ? undefined : value;
  };
  const surface = new Surface(element, options, {
    text: written(options.value),
    extensions: [
      json(),
      autocompletion({ override: [(context) => completeFields(context, fields)], icons: false }),
      linter(({ state }) => jsonFaults(state.doc.toString(), objectOnly ? 'object' : 'any'), {
        delay: DELAY_MS,
      }),
      lintGutter(),
      problems.extension,
    ],
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
    setFields(given) {
      fields = given;
    },
    setReadOnly: (readOnly) => surface.setReadOnly(readOnly),
    setProblems: (given) => problems.show(surface.view, given),
    focus: () => surface.focus(),
    destroy: () => surface.destroy(),
  };
}

/** Shows each problem below the line of its `path`. */
export const placedProblems = (): ReturnType<typeof problemBoxes> =>
  problemBoxes(({ path = '' }, state) => new JsonTree(state.doc.toString()).locate(path)?.from);

/** Offers the fields of the payload itself; the names within a field are unknown. */
const completeFields = (context: CompletionContext, fields: readonly string[]): CompletionResult | null =>
  completeJson(context, ({ kind, around }) =>
    kind === 'name' && around.length === 0 ? fields.map(member) : [],
  );

const member = (field: string): Offer => ({
  label: field,
  type: 'property',
  detail: '',
  template: memberTemplate(field),
});

/**
 * The editors of the page. Each mounts into an element and returns a handle; none depends on the page's framework.
 *
 * The page imports them dynamically, because they are larger than the rest of it.
 */
export { mountScriptEditor } from './script.editor.js';
export { mountFilterEditor } from './filter/filter.editor.js';
export { mountJsonEditor } from './json/json.editor.js';
export { mountDiff } from './diff.js';
export type {
  ComparedLine,
  Diff,
  DiffOptions,
  EditorOptions,
  ExplainedFilter,
  ExplainedPart,
  FilterEditor,
  FilterEditorOptions,
  JsonChange,
  JsonEditor,
  JsonEditorOptions,
  JsonObject,
  JsonValue,
  Mounted,
  Problem,
  ScriptEditor,
  ScriptEditorOptions,
  ScriptLanguage,
} from './editor.types.js';

/**
 * The editors of the page. Each mounts into an element of the page and returns a handle; none knows the page's framework.
 *
 * The page loads them with `import('./editor/index.js')`, since they weigh more than all else of it.
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

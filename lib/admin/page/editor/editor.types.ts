/** A value that JSON can carry. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

export type JsonObject = { [key: string]: JsonValue };

/** What every mount returns. */
export interface Mounted {
  /** Removes the editor from its element, with its worker and listeners. */
  destroy(): void;
}

/** Options of every editor. */
export interface EditorOptions {
  /** Its accessible name, such as "Source". */
  readonly label: string;
  /** Default false. */
  readonly readOnly?: boolean;
  /** Called on Ctrl+Enter (Command+Enter on a Mac). The page has a button that does the same. */
  readonly onRun?: () => void;
  /** Called on Ctrl+S (Command+S on a Mac). */
  readonly onSave?: () => void;
}

/** A problem to show in a text: a validation issue of the API, or the error of a run. */
export interface Problem {
  readonly message: string;
  /** Line of the script's source, from 1. Default: the first line. */
  readonly line?: number | undefined;
  /** Place in a filter, `filters.or[1].amount.gt`, or in a payload, `input.amount`. */
  readonly path?: string | undefined;
  /** Default `error`. */
  readonly severity?: 'error' | 'warning' | undefined;
}

export type ScriptLanguage = 'javascript' | 'typescript';

export interface ScriptEditorOptions extends EditorOptions {
  readonly source: string;
  readonly language: ScriptLanguage;
  /**
   * The response of `GET types.d.ts?eventTypes=`. Completion, hover texts and checks need it; they start shortly after
   * the editor is usable. Without it, they start after `setTypes`.
   */
  readonly types?: string | undefined;
  /** Shown below their lines until `setProblems` replaces them. */
  readonly problems?: readonly Problem[];
  /** Called after each edit by a person, not after `setSource`. */
  readonly onChange?: (source: string) => void;
}

export interface ScriptEditor extends Mounted {
  readonly source: string;
  /** Replaces the whole text; undo restores the previous one. */
  setSource(source: string): void;
  setLanguage(language: ScriptLanguage): void;
  /** Replaces the types, after the script's event types or secrets have changed. */
  setTypes(types: string): void;
  setReadOnly(readOnly: boolean): void;
  /** Replaces the problems that are shown; an empty list removes them. */
  setProblems(problems: readonly Problem[]): void;
  /** Moves the cursor to a line, counted from 1, scrolls to it and focuses the editor. */
  goTo(line: number): void;
  focus(): void;
}

/** A JSON text after an edit. */
export interface JsonChange<Value> {
  readonly text: string;
  /** The parsed text; `undefined` while it is not JSON of the required kind. */
  readonly value: Value | undefined;
}

export interface JsonEditorOptions extends EditorOptions {
  /** The first value, shown with two spaces of indentation. */
  readonly value: JsonValue;
  /** Names of the payload's fields, for completion. */
  readonly fields?: readonly string[];
  readonly problems?: readonly Problem[];
  /** Whether anything but an object is an error. Default true. */
  readonly objectOnly?: boolean;
  readonly onChange?: (change: JsonChange<JsonValue>) => void;
}

export interface JsonEditor extends Mounted {
  readonly text: string;
  /** The parsed text; `undefined` while it is not JSON of the required kind. */
  readonly value: JsonValue | undefined;
  setValue(value: JsonValue): void;
  setFields(fields: readonly string[]): void;
  setReadOnly(readOnly: boolean): void;
  setProblems(problems: readonly Problem[]): void;
  focus(): void;
}

export interface FilterEditorOptions extends EditorOptions {
  /** Null and `{}` both mean no filter: the editor is empty. */
  readonly filter: JsonObject | null;
  /** Names of the fields of the script's event types, from `GET event-types`. */
  readonly fields: readonly string[];
  /**
   * Returns why the filter matches the chosen event or doesn't: `filter` in the response of `POST filters/explain`.
   * Called at first and after each edit that leaves a valid filter. Absent if no event is chosen.
   */
  readonly explain?:
    ((filter: JsonObject | null, signal: AbortSignal) => Promise<ExplainedFilter>) | undefined;
  /** Problems that the API reports and the editor doesn't find itself. */
  readonly problems?: readonly Problem[];
  /** `value` is null if the text is empty, which means no filter. */
  readonly onChange?: (change: JsonChange<JsonObject | null>) => void;
}

/** Whether one part of a filter matched: an operator, or an `and`, `or` or `not`. */
export interface ExplainedPart {
  /** Place in the filter, `filters.or[1].amount.gt`. */
  readonly place: string;
  readonly matched: boolean;
  /** Why, as a sentence; absent without the permission `data`. */
  readonly reason?: string;
}

/** The explanation of a filter by `POST filters/explain`. */
export interface ExplainedFilter {
  readonly matched: boolean;
  readonly undecided?: boolean;
  readonly summary?: string;
  readonly conditions: readonly ExplainedPart[];
  readonly groups: readonly ExplainedPart[];
}

export interface FilterEditor extends Mounted {
  readonly text: string;
  /** Null for no filter; `undefined` while the text is not a valid filter. */
  readonly value: JsonObject | null | undefined;
  setFilter(filter: JsonObject | null): void;
  setFields(fields: readonly string[]): void;
  /** Replaces `explain`, because another event is chosen; `undefined` if none is chosen any more. */
  setExplain(explain: FilterEditorOptions['explain']): void;
  setReadOnly(readOnly: boolean): void;
  setProblems(problems: readonly Problem[]): void;
  focus(): void;
}

/** A line of one of two texts or of both, as in `GET scripts/:id/versions/:version/diff`. */
export interface ComparedLine {
  readonly kind: 'same' | 'removed' | 'added';
  /** Line number in the first text, from 1; null for an added line. */
  readonly before: number | null;
  /** Line number in the second text, from 1; null for a removed line. */
  readonly after: number | null;
  readonly text: string;
}

export interface DiffOptions {
  /** Two texts to compare, or lines that the API has compared. */
  readonly of: { readonly before: string; readonly after: string } | readonly ComparedLine[];
  /** Names of the two texts, such as "Version 3" and "Yours". */
  readonly beforeLabel: string;
  readonly afterLabel: string;
  /** Language of the texts, which gives their colours. Default: no colours. */
  readonly language?: ScriptLanguage | 'json' | undefined;
}

/** A read-only comparison, with its numbers of added and removed lines. Long runs of unchanged lines are folded. */
export interface Diff extends Mounted {
  readonly added: number;
  readonly removed: number;
}

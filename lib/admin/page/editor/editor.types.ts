/** A value that JSON can carry. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

export type JsonObject = { [key: string]: JsonValue };

/** What every mount returns. */
export interface Mounted {
  /** Removes the editor from its element, with its worker and listeners. */
  destroy(): void;
}

/** What every editor takes. */
export interface EditorOptions {
  /** Its accessible name, such as "Source". */
  readonly label: string;
  /** Default false. */
  readonly readOnly?: boolean;
  /** Ctrl+Enter, or Command+Enter on a Mac: what a button of the page does as well. */
  readonly onRun?: () => void;
  /** Ctrl+S, or Command+S on a Mac. */
  readonly onSave?: () => void;
}

/** What the API or a run says of a text: a validation issue, or the error of a run. */
export interface Problem {
  readonly message: string;
  /** Line of the script's source, from 1. Without it the problem stands on the first line. */
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
   * The text of `GET types.d.ts?eventTypes=`. Completion, hover and errors come with it, a moment after the editor is
   * usable. Without it they come when `setTypes` brings it.
   */
  readonly types?: string | undefined;
  /** Shown below their lines until they are replaced. */
  readonly problems?: readonly Problem[];
  /** Called after each edit of a person, not after `setSource`. */
  readonly onChange?: (source: string) => void;
}

export interface ScriptEditor extends Mounted {
  readonly source: string;
  /** Replaces the whole text; undo brings the former back. */
  setSource(source: string): void;
  setLanguage(language: ScriptLanguage): void;
  /** The types of other event types. */
  setTypes(types: string): void;
  setReadOnly(readOnly: boolean): void;
  /** Replaces the problems that are shown; an empty list takes them away. */
  setProblems(problems: readonly Problem[]): void;
  /** Puts the cursor on a line, from 1, shows it and takes the focus. */
  goTo(line: number): void;
  focus(): void;
}

/** What a JSON text is after an edit. */
export interface JsonChange<Value> {
  readonly text: string;
  /** What the text says; `undefined` while it is no JSON of the kind that is needed. */
  readonly value: Value | undefined;
}

export interface JsonEditorOptions extends EditorOptions {
  /** Written with two spaces of indentation. */
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
  /** `undefined` while the text is no JSON of the kind that is needed. */
  readonly value: JsonValue | undefined;
  setValue(value: JsonValue): void;
  setFields(fields: readonly string[]): void;
  setReadOnly(readOnly: boolean): void;
  setProblems(problems: readonly Problem[]): void;
  focus(): void;
}

export interface FilterEditorOptions extends EditorOptions {
  /** Null and `{}` are both no filter: the editor is empty. */
  readonly filter: JsonObject | null;
  /** Names of the fields of the script's event types, from `GET event-types`. */
  readonly fields: readonly string[];
  /**
   * Says why the filter lets the chosen event through or does not: `filter` of the answer of `POST filters/explain`. Asked
   * again after each edit that leaves a valid filter. Without it no event is chosen, and nothing is explained.
   */
  readonly explain?:
    ((filter: JsonObject | null, signal: AbortSignal) => Promise<ExplainedFilter>) | undefined;
  /** What the API says beyond what the editor finds itself. */
  readonly problems?: readonly Problem[];
  /** `value` is null for an empty text: no filter. */
  readonly onChange?: (change: JsonChange<JsonObject | null>) => void;
}

/** How a part of the filter fared: an operator, or an `and`, `or` or `not`. */
export interface ExplainedPart {
  /** Where it stands in the filter. */
  readonly place: string;
  readonly matched: boolean;
  /** The verdict as a sentence; absent without the permission `data`. */
  readonly reason?: string;
}

/** What `POST filters/explain` says of a filter. */
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
  /** For another event; `undefined` when none is chosen any more. */
  setExplain(explain: FilterEditorOptions['explain']): void;
  setReadOnly(readOnly: boolean): void;
  setProblems(problems: readonly Problem[]): void;
  focus(): void;
}

/** A line of one of two texts or of both, as `GET scripts/:id/versions/:version/diff` has it. */
export interface ComparedLine {
  readonly kind: 'same' | 'removed' | 'added';
  /** Its number in the text before, from 1; null when it was added. */
  readonly before: number | null;
  /** Its number in the text after; null when it was removed. */
  readonly after: number | null;
  readonly text: string;
}

export interface DiffOptions {
  /** Two texts to compare, or the lines of two that the API has compared. */
  readonly of: { readonly before: string; readonly after: string } | readonly ComparedLine[];
  /** What the two are, such as "Version 3" and "Yours". */
  readonly beforeLabel: string;
  readonly afterLabel: string;
  /** For colours. Default: none. */
  readonly language?: ScriptLanguage | 'json' | undefined;
}

/** Lines that were added and removed; long stretches without a change are folded. Read-only. */
export interface Diff extends Mounted {
  readonly added: number;
  readonly removed: number;
}

/** Messages to the worker. It answers questions in order; each answer has the id of its question. */
export type ToTypes =
  | { readonly kind: 'text'; readonly text: ScriptText }
  | { readonly kind: 'question'; readonly id: number; readonly question: Question };

/** A script as it stands in the editor. */
export interface ScriptText {
  readonly source: string;
  readonly language: 'javascript' | 'typescript';
  /** Declarations of everything in its scope, as the text of a `.d.ts` file. */
  readonly types: string;
}

export type Question =
  | { readonly about: 'problems' }
  | { readonly about: 'completions'; readonly at: number }
  | { readonly about: 'completion'; readonly at: number; readonly name: string }
  | { readonly about: 'meaning'; readonly at: number }
  | { readonly about: 'call'; readonly at: number };

/** The answer to each kind of question. */
export interface Answers {
  problems: readonly TypeProblem[];
  completions: Completions | null;
  completion: Meaning | null;
  meaning: (Meaning & Span) | null;
  call: CallHelp | null;
}

export type FromTypes =
  /** The compiler has loaded. */
  | { readonly kind: 'ready' }
  /** The compiler can't be loaded; no question will be answered. */
  | { readonly kind: 'broken'; readonly message: string }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answers[keyof Answers] }
  /** The compiler failed on a question. */
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

/** A range of the source, by offsets of characters; `to` is excluded. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface TypeProblem extends Span {
  /** `unused` is not a fault: it is only underlined with dots. */
  readonly severity: 'error' | 'warning' | 'unused';
  readonly message: string;
}

export interface Completions {
  /** Start of the name that is being written. */
  readonly from: number;
  readonly options: readonly CompletionOption[];
}

export interface CompletionOption {
  readonly label: string;
  /** The kind, by its name in CodeMirror. */
  readonly type: string;
  /** Options with a higher number come first: names of the script before global names. */
  readonly boost: number;
  /** Text to write instead of the label. */
  readonly insert?: string;
  /** The range to replace, if it is more than the name that is being written: `?.b` replaces `.b`. */
  readonly over?: Span;
}

/** The meaning of a name. */
export interface Meaning {
  /** As TypeScript writes it: `(property) amount: number`. */
  readonly signature: string;
  readonly documentation: string;
}

/** The call that is being written. */
export interface CallHelp {
  readonly before: string;
  readonly parameters: readonly string[];
  readonly after: string;
  /** Index of the parameter that is being written. */
  readonly active: number;
  readonly documentation: string;
}

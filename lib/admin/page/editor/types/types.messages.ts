/** What the worker is told and asked. It answers questions, in their order, with the id that each has. */
export type ToTypes =
  | { readonly kind: 'text'; readonly text: ScriptText }
  | { readonly kind: 'question'; readonly id: number; readonly question: Question };

/** A script as it stands in the editor. */
export interface ScriptText {
  readonly source: string;
  readonly language: 'javascript' | 'typescript';
  /** What is in its scope, as the text of a `.d.ts`. */
  readonly types: string;
}

export type Question =
  | { readonly about: 'problems' }
  | { readonly about: 'completions'; readonly at: number }
  | { readonly about: 'completion'; readonly at: number; readonly name: string }
  | { readonly about: 'meaning'; readonly at: number }
  | { readonly about: 'call'; readonly at: number };

/** What is answered to a question about each. */
export interface Answers {
  problems: readonly TypeProblem[];
  completions: Completions | null;
  completion: Meaning | null;
  meaning: (Meaning & Span) | null;
  call: CallHelp | null;
}

export type FromTypes =
  /** The compiler is there: questions are answered from now on. */
  | { readonly kind: 'ready' }
  /** It cannot be loaded: no question will be answered. */
  | { readonly kind: 'broken'; readonly message: string }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answers[keyof Answers] }
  /** A question that the compiler failed on. */
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

/** From one character of the source to another. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface TypeProblem extends Span {
  /** `unused` is no fault: it is shown faintly. */
  readonly severity: 'error' | 'warning' | 'unused';
  readonly message: string;
}

export interface Completions {
  /** Where the name begins that is being written. */
  readonly from: number;
  readonly options: readonly CompletionOption[];
}

export interface CompletionOption {
  readonly label: string;
  /** As CodeMirror names kinds. */
  readonly type: string;
  /** Higher is nearer: what is in the script before what is everywhere. */
  readonly boost: number;
  /** What is written instead of the label. */
  readonly insert?: string;
  /** What it replaces, when that is not the name that is being written: `.b` by `?.b`. */
  readonly over?: Span;
}

/** What a name stands for. */
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
  /** The parameter that is being written. */
  readonly active: number;
  readonly documentation: string;
}

import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  insertCompletionText,
  pickedCompletion,
} from '@codemirror/autocomplete';
import { type Diagnostic, lintGutter, linter } from '@codemirror/lint';
import { type Extension, StateEffect } from '@codemirror/state';
import { EditorView, hoverTooltip } from '@codemirror/view';
import { callHelp } from './call-help.js';
import { meaningBox } from './meaning.js';
import type { Compiler, TypesClient } from './types.client.js';
import type { CompletionOption, ScriptText, TypeProblem } from './types.messages.js';

const lookAgain = StateEffect.define();

/** Milliseconds after an edit before the source is checked. */
const DELAY_MS = 400;

/** Completes names, explains them and shows faults in a script. */
export class TypeSupport {
  readonly extension: Extension;

  constructor(
    private readonly client: TypesClient,
    /** Returns the current text; `undefined` until the types of the script's scope are known. */
    private readonly text: (view: EditorView) => ScriptText | undefined,
  ) {
    const compiler: Compiler = (view) => this.compiler(view);
    this.extension = [
      callHelp(compiler),
      autocompletion({ override: [(context) => complete(context, compiler)], icons: false }),
      linter((view) => faults(view, compiler), {
        delay: DELAY_MS,
        needsRefresh: ({ transactions }) =>
          transactions.some(({ effects }) => effects.some((effect) => effect.is(lookAgain))),
      }),
      lintGutter({ markerFilter: (found) => found.filter(({ severity }) => severity !== 'hint') }),
      hoverTooltip(async (view, at) => {
        const meaning = await compiler(view)?.ask({ about: 'meaning', at });
        if (!meaning) return null;
        return { pos: meaning.from, end: meaning.to, create: () => ({ dom: meaningBox(meaning) }) };
      }),
    ];
  }

  /** Checks again after a change of something other than the text: the compiler has loaded, or the types are new. */
  refresh(view: EditorView): void {
    view.dispatch({ effects: lookAgain.of(null) });
  }

  private compiler(view: EditorView): TypesClient | undefined {
    const text = this.text(view);
    if (text === undefined || this.client.state === 'off') return undefined;
    this.client.tell(text);
    return this.client;
  }
}

async function faults(view: EditorView, compiler: Compiler): Promise<Diagnostic[]> {
  const problems = await compiler(view)?.ask({ about: 'problems' });
  return (problems ?? []).map(diagnostic);
}

const diagnostic = ({ from, to, severity, message }: TypeProblem): Diagnostic =>
  severity === 'unused'
    ? { from, to, severity: 'hint', message, markClass: 'cm-unused' }
    : { from, to, severity, message };

/** Characters after which completion starts without a letter. */
const TRIGGERS = /[.'"`]$/;

async function complete(context: CompletionContext, compiler: Compiler): Promise<CompletionResult | null> {
  const { view, pos, explicit } = context;
  const before = context.state.sliceDoc(Math.max(0, pos - 100), pos);
  if (!view || !(explicit || TRIGGERS.test(before) || /[\p{ID_Continue}$]$/u.test(before))) return null;
  const client = compiler(view);
  const found = await client?.ask({ about: 'completions', at: pos });
  if (!client || !found || found.options.length === 0) return null;
  // A number such as `1.5` has nothing to complete.
  if (!explicit && /(?:^|[^\p{ID_Continue}$.])\d[\d_]*\.?\d*$/u.test(before)) return null;
  const texts = found.options.every(({ type }) => type === 'text');
  return {
    from: found.from,
    options: found.options.map((option) => offered(option, pos, client)),
    validFor: texts ? /^[^'"`]*$/ : /^[\p{ID_Continue}$]*$/u,
  };
}

function offered(option: CompletionOption, at: number, client: TypesClient): Completion {
  const { label, type, boost, insert, over } = option;
  return {
    label,
    type,
    boost,
    info: async () => {
      const meaning = await client.ask({ about: 'completion', at, name: label });
      return meaning ? meaningBox(meaning) : null;
    },
    ...(insert === undefined ? {} : { apply: over ? writeOver(insert, over.from) : insert }),
  };
}

const writeOver =
  (text: string, start: number) =>
  (view: EditorView, completion: Completion, _from: number, to: number): void =>
    view.dispatch({
      ...insertCompletionText(view.state, text, start, to),
      annotations: pickedCompletion.of(completion),
    });

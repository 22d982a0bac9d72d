import { type EditorState, type Extension, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view';
import { create } from './dom.js';
import type { Problem } from './editor.types.js';

const replace = StateEffect.define<readonly Problem[]>();

/** A problem in words, below its line: seen without pointing at anything. */
class ProblemBox extends WidgetType {
  constructor(private readonly problem: Problem) {
    super();
  }

  override eq({ problem }: ProblemBox): boolean {
    return problem.message === this.problem.message && problem.severity === this.problem.severity;
  }

  override toDOM(): HTMLElement {
    const { message, severity = 'error' } = this.problem;
    // The outer one has padding instead of a margin, which CodeMirror does not measure.
    return create('div', 'cm-problem', create('div', `cm-problem-${severity}`, message));
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

/** Where a problem stands in a text; `undefined` when it says nothing of a place. */
type PlaceOf = (problem: Problem, state: EditorState) => number | undefined;

/**
 * Shows what the API or a run says of the text, until it is replaced; edits move it along.
 *
 * @param placeOf default: the start of the problem's line
 */
export function problemBoxes(placeOf: PlaceOf = startOfLine): {
  extension: Extension;
  show: (view: EditorView, problems: readonly Problem[]) => void;
} {
  const field = StateField.define<DecorationSet>({
    create: () => Decoration.none,
    update(boxes, transaction) {
      const given = transaction.effects.find((effect) => effect.is(replace));
      return given ? boxesOf(given.value, transaction.state, placeOf) : boxes.map(transaction.changes);
    },
    provide: (self) => EditorView.decorations.from(self),
  });
  return { extension: field, show: (view, problems) => view.dispatch({ effects: replace.of(problems) }) };
}

function boxesOf(problems: readonly Problem[], state: EditorState, placeOf: PlaceOf): DecorationSet {
  const boxes = problems.map((problem) => {
    const { to } = state.doc.lineAt(placeOf(problem, state) ?? 0);
    return Decoration.widget({ widget: new ProblemBox(problem), side: 1, block: true }).range(to);
  });
  return Decoration.set(boxes, true);
}

function startOfLine({ line = 1 }: Problem, { doc }: EditorState): number {
  // A run may be of a text that had more lines.
  return doc.line(Math.min(Math.max(line, 1), doc.lines)).from;
}

import { type EditorState, type Extension, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view';
import { create } from './dom.js';
import type { Problem } from './editor.types.js';

const replace = StateEffect.define<readonly Problem[]>();

/** The message of a problem below its line, visible without hovering. */
class ProblemBox extends WidgetType {
  constructor(private readonly problem: Problem) {
    super();
  }

  override eq({ problem }: ProblemBox): boolean {
    return problem.message === this.problem.message && problem.severity === this.problem.severity;
  }

  override toDOM(): HTMLElement {
    const { message, severity = 'error' } = this.problem;
    // The outer element has padding, because CodeMirror doesn't measure margins.
    return create('div', 'cm-problem', create('div', `cm-problem-${severity}`, message));
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

/** The offset of a problem in the text; `undefined` if the problem names no place that the text has. */
type PlaceOf = (problem: Problem, state: EditorState) => number | undefined;

/**
 * Shows problems below their lines until others replace them. They move with the text when it is edited.
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
  // The source that ran may have had more lines.
  return doc.line(Math.min(Math.max(line, 1), doc.lines)).from;
}

import { type EditorState, type Extension, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view';
import { create } from '../dom.js';
import type { ExplainedFilter, ExplainedPart } from '../editor.types.js';
import { JsonTree } from '../json/json.tree.js';

/** Shows the verdict on each part of the filter; null removes them. */
export const explained = StateEffect.define<ExplainedFilter | null>();

/** The verdict on one part of the filter, at the end of its line. */
class Verdict extends WidgetType {
  constructor(private readonly part: ExplainedPart) {
    super();
  }

  override eq({ part }: Verdict): boolean {
    return part.matched === this.part.matched && part.reason === this.part.reason;
  }

  override toDOM(): HTMLElement {
    const { matched, reason = matched ? 'holds' : 'does not hold' } = this.part;
    return create('span', `verdict ${matched ? 'holds' : 'fails'}`, `${matched ? '✓' : '✗'} ${reason}`);
  }
}

/** The verdicts of the last explanation. An edit removes them, because they are about the filter before it. */
export const verdicts: Extension = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, { effects, docChanged, state }) {
    const given = effects.find((effect) => effect.is(explained));
    if (given) return given.value ? drawn(given.value, state) : Decoration.none;
    return docChanged ? Decoration.none : shown;
  },
  provide: (self) => EditorView.decorations.from(self),
});

function drawn({ conditions, groups }: ExplainedFilter, state: EditorState): DecorationSet {
  const tree = new JsonTree(state.doc.toString());
  const found = [...groups, ...conditions].map((part) => {
    const place = tree.locate(part.place)?.from ?? 0;
    return Decoration.widget({ widget: new Verdict(part), side: 1 }).range(state.doc.lineAt(place).to);
  });
  return Decoration.set(found, true);
}

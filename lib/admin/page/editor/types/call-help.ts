import { completionStatus } from '@codemirror/autocomplete';
import { type Extension, Prec, StateEffect, StateField } from '@codemirror/state';
import { EditorView, keymap, showTooltip, type Tooltip, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { callBox, meaningBox } from './meaning.js';
import type { Compiler, TypesClient } from './types.client.js';

const show = StateEffect.define<Tooltip | null>();

/** The box beside the cursor; there is one at most. */
const field = StateField.define<Tooltip | null>({
  create: () => null,
  update(shown, transaction) {
    const given = transaction.effects.find((effect) => effect.is(show));
    if (given) return given.value;
    return shown && transaction.docChanged ? { ...shown, pos: transaction.changes.mapPos(shown.pos) } : shown;
  },
  provide: (self) => showTooltip.from(self),
});

/** Shows the signature of a call while its arguments are written, and on F1 the meaning of a name. Escape closes it. */
export const callHelp = (compiler: Compiler): Extension => [
  field,
  ViewPlugin.define((view) => new CallWatch(view, compiler)),
  // Ahead of the keys of completion: its Escape would first cancel a pending completion, and leave the box open.
  Prec.highest(
    keymap.of([
      { key: 'Escape', run: close },
      { key: 'F1', run: (view) => explain(view, compiler) },
    ]),
  ),
];

/** Asks for the signature again after each edit and each move of the cursor, while a call is being written. */
class CallWatch {
  /** Number of the latest question. Answers to earlier ones are dropped. */
  private turn = 0;

  constructor(
    private readonly view: EditorView,
    private readonly compiler: Compiler,
  ) {}

  update({ docChanged, selectionSet, state, focusChanged, view, transactions }: ViewUpdate): void {
    if (transactions.some(({ effects }) => effects.some((effect) => effect.is(show)))) {
      // A pending answer would reopen the box.
      this.turn += 1;
      return;
    }
    const typed = docChanged && transactions.some((transaction) => transaction.isUserEvent('input'));
    const { head } = state.selection.main;
    const opens = typed && /[(,]['"`)]?\s?$/.test(state.sliceDoc(Math.max(0, head - 3), head));
    const open = state.field(field) !== null;
    if (focusChanged && !view.hasFocus && open) this.put(null);
    else if (opens || (open && (docChanged || selectionSet))) void this.ask(head);
  }

  destroy(): void {
    this.turn += 1;
  }

  private async ask(at: number): Promise<void> {
    this.turn += 1;
    const { turn } = this;
    // CodeMirror doesn't allow changes during an update.
    await Promise.resolve();
    const help = await this.compiler(this.view)?.ask({ about: 'call', at });
    if (turn !== this.turn) return;
    this.put(help ? { pos: at, above: true, create: () => ({ dom: callBox(help) }) } : null);
  }

  private put(tooltip: Tooltip | null): void {
    this.turn += 1;
    const { turn } = this;
    queueMicrotask(() => {
      if (turn === this.turn) this.view.dispatch({ effects: show.of(tooltip) });
    });
  }
}

/** Closes the box. If a completion is open or pending, Escape then goes on to it. */
function close(view: EditorView): boolean {
  if (view.state.field(field) === null) return false;
  view.dispatch({ effects: show.of(null) });
  return completionStatus(view.state) === null;
}

function explain(view: EditorView, compiler: Compiler): boolean {
  const client = compiler(view);
  if (client) void showMeaning(view, client);
  return client !== undefined;
}

async function showMeaning(view: EditorView, client: TypesClient): Promise<void> {
  const { state } = view;
  const meaning = await client.ask({ about: 'meaning', at: state.selection.main.head });
  if (!meaning || view.state !== state) return;
  const tooltip: Tooltip = { pos: meaning.from, above: true, create: () => ({ dom: meaningBox(meaning) }) };
  view.dispatch({ effects: show.of(tooltip) });
}

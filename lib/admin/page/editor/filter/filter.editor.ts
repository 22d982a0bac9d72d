import { autocompletion } from '@codemirror/autocomplete';
import { json } from '@codemirror/lang-json';
import { lintGutter, linter } from '@codemirror/lint';
import { placeholder } from '@codemirror/view';
import { create } from '../dom.js';
import type { FilterEditor, FilterEditorOptions, JsonObject } from '../editor.types.js';
import { placedProblems } from '../json/json.editor.js';
import { written } from '../json/json.text.js';
import { Surface } from '../surface.js';
import { completeFilter } from './filter.completion.js';
import { explained, verdicts } from './filter.explanation.js';
import { filterFaults, filterIn } from './filter.faults.js';
import { FilterInquiry, type Inquiry } from './filter.inquiry.js';

const EMPTY = 'No filter: all events of its types. Such as { "amount": { "gt": 100 } }';
const HINT = 'Ctrl+Space: complete fields and operators';

/** Milliseconds after an edit before the text is checked. */
const DELAY_MS = 300;

/** Mounts an editor for a script's filter. It shows why the chosen event matches or doesn't. Tab leaves the editor. */
export function mountFilterEditor(element: HTMLElement, options: FilterEditorOptions): FilterEditor {
  let { fields, explain } = options;
  const status = create('span', 'verdict');
  status.role = 'status';
  const problems = placedProblems();
  const inquiry = new FilterInquiry((told) => {
    status.className = classOf(told);
    status.textContent = sentence(told);
    if (told.state !== 'asking')
      surface.view.dispatch({ effects: explained.of(told.state === 'answered' ? told.answer : null) });
  });
  const ask = (): void => inquiry.ask(explain, filterIn(surface.text));
  const surface = new Surface(element, options, {
    text: textOf(options.filter),
    hint: HINT,
    foot: [status],
    extensions: [
      json(),
      placeholder(EMPTY),
      autocompletion({ override: [(context) => completeFilter(context, fields)], icons: false }),
      linter(({ state }) => filterFaults(state.doc.toString()), { delay: DELAY_MS }),
      lintGutter(),
      problems.extension,
      verdicts,
    ],
    onEdit(text) {
      options.onChange?.({ text, value: filterIn(text) });
      ask();
    },
  });
  problems.show(surface.view, options.problems ?? []);
  ask();
  return {
    get text() {
      return surface.text;
    },
    get value() {
      return filterIn(surface.text);
    },
    setFilter(filter) {
      surface.setText(textOf(filter));
      ask();
    },
    setFields(given) {
      fields = given;
    },
    setExplain(given) {
      explain = given;
      ask();
    },
    setReadOnly: (readOnly) => surface.setReadOnly(readOnly),
    setProblems: (given) => problems.show(surface.view, given),
    focus: () => surface.focus(),
    destroy() {
      inquiry.stop();
      surface.destroy();
    },
  };
}

const textOf = (filter: JsonObject | null): string =>
  filter === null || Object.keys(filter).length === 0 ? '' : written(filter);

function classOf(told: Inquiry): string {
  if (told.state !== 'answered') return '';
  return `verdict ${told.answer.matched ? 'holds' : 'fails'}`;
}

function sentence(told: Inquiry): string {
  switch (told.state) {
    case 'none':
      return '';
    case 'asking':
      return 'Checking the filter against the event…';
    case 'failed':
      return `The filter could not be checked against the event: ${told.message}`;
    case 'answered': {
      const { matched, undecided, summary } = told.answer;
      if (undecided) return summary ?? 'The filter needs too many steps for this event.';
      const verdict = matched ? 'Matches this event.' : 'Doesn’t match this event.';
      return `${matched ? '✓' : '✗'} ${summary ?? verdict}`;
    }
  }
}

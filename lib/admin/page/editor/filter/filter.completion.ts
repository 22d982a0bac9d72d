import { type CompletionContext, type CompletionResult, snippet } from '@codemirror/autocomplete';
import { pointerTo } from '../../../../filters/field-path.js';
import { IGNORE_CASE, OPERATORS } from '../../../../filters/operator-names.js';
import { completeJson, memberTemplate, type Offer } from '../json/json.completion.js';
import type { JsonPosition } from '../json/json.position.js';
import { contextOf, type FilterContext } from './filter.context.js';
import { LOGIC_HELP, OPERATOR_HELP } from './filter.operators.js';

/** The completions of a filter's editor: fields, operators, and what operators take. */
export function completeFilter(
  context: CompletionContext,
  fields: readonly string[],
): CompletionResult | null {
  if (context.state.doc.toString().trim() === '') return context.explicit ? whole() : null;
  return completeJson(context, (position) => filterOffers(position, fields));
}

/** What could be written at a place of a filter. @internal for tests */
export function filterOffers(position: JsonPosition, fields: readonly string[]): readonly Offer[] {
  if (position.kind === 'entry') return [];
  if (position.kind === 'value') return values(position);
  const context = contextOf(position.around);
  return context ? names(context, fields) : [];
}

const WORDS = [...OPERATORS, IGNORE_CASE] as const;

function names(context: FilterContext, fields: readonly string[]): Offer[] {
  if (context === 'condition')
    return WORDS.map((word) => {
      const { says, sample } = OPERATOR_HELP[word];
      return { label: word, type: 'keyword', detail: says, template: memberTemplate(word, sample) };
    });
  const known = context === 'filter' ? fields : [];
  return [
    ...known.map((field): Offer => {
      return { label: field, type: 'property', detail: '', template: memberTemplate(pathOf(field)) };
    }),
    ...Object.entries(LOGIC_HELP).map(([word, { says, sample }]): Offer => {
      return { label: word, type: 'keyword', detail: says, template: memberTemplate(word, sample) };
    }),
  ];
}

/** A field as a filter names it: a name that would mean something else is written as a JSON Pointer. */
const pathOf = (field: string): string =>
  field in LOGIC_HELP || /[./~$]/.test(field) || field === '' ? pointerTo(field) : field;

const YES_NO: readonly Offer[] = ['true', 'false'].map((label) => ({
  label,
  type: 'constant',
  detail: '',
  template: label,
}));

/** For a field, and a `not` under one: operators. For an operator: what it takes, when that is one of few. */
function values({ around }: JsonPosition): readonly Offer[] {
  const outer = contextOf(around.slice(0, -1));
  const last = around.at(-1);
  if (outer === 'condition' && (last === 'exists' || last === IGNORE_CASE)) return YES_NO;
  if (outer === undefined || contextOf(around) !== 'condition') return [];
  return OPERATORS.map((word) => {
    const { says, sample } = OPERATOR_HELP[word];
    return { label: word, type: 'keyword', detail: says, template: `{ ${memberTemplate(word, sample)} }` };
  });
}

/** An empty text becomes a filter. */
const whole = (): CompletionResult => ({
  from: 0,
  options: [{ label: '{ }', detail: 'a filter', apply: snippet('{ #{} }') }],
});

import { type CompletionContext, type CompletionResult, snippet } from '@codemirror/autocomplete';
import { pointerTo } from '../../../../filters/field-path.js';
import { IGNORE_CASE, OPERATORS } from '../../../../filters/operator-names.js';
import { completeJson, memberTemplate, type Offer } from '../json/json.completion.js';
import type { JsonPosition } from '../json/json.position.js';
import { contextOf, type FilterContext } from './filter.context.js';
import { LOGIC_HELP, OPERATOR_HELP } from './filter.operators.js';

/** Completions for a filter: fields, operators, and the values that operators take. */
export function completeFilter(
  context: CompletionContext,
  fields: readonly string[],
): CompletionResult | null {
  if (context.state.doc.toString().trim() === '') return context.explicit ? whole() : null;
  return completeJson(context, (position) => filterOffers(position, fields));
}

/** The completions for a position in a filter. @internal for tests */
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

/** How a filter names a field: as a JSON Pointer if the plain name would mean something else. */
const pathOf = (field: string): string =>
  field in LOGIC_HELP || /[./~$]/.test(field) || field === '' ? pointerTo(field) : field;

const YES_NO: readonly Offer[] = ['true', 'false'].map((label) => ({
  label,
  type: 'constant',
  detail: '',
  template: label,
}));

/** For a field, or a `not` below one: operators. For `exists` and `ignoreCase`: true and false. */
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

/** Offers a filter for an empty text. */
const whole = (): CompletionResult => ({
  from: 0,
  options: [{ label: '{ }', detail: 'a filter', apply: snippet('{ #{} }') }],
});

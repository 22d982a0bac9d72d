import { suggestName } from '../common/suggest-name.js';
import type { FilterOperator } from './filter.types.js';

/** Every operator, in the order in which the documentation lists them. */
export const OPERATORS: readonly FilterOperator[] = [
  'eq',
  'ne',
  'gt',
  'gte',
  'lt',
  'lte',
  'between',
  'in',
  'nin',
  'contains',
  'startsWith',
  'endsWith',
  'like',
  'all',
  'size',
  'exists',
  'any',
  'not',
];

/** The name of the modifier beside operators. */
export const IGNORE_CASE = 'ignoreCase';

const KNOWN: ReadonlySet<string> = new Set(OPERATORS);
const WORDS: readonly string[] = [...OPERATORS, IGNORE_CASE];

/** Operators of other languages, with the one to use instead. */
const FOREIGN: ReadonlyMap<string, FilterOperator> = new Map([
  ['=', 'eq'],
  ['==', 'eq'],
  ['===', 'eq'],
  ['equals', 'eq'],
  ['is', 'eq'],
  ['!=', 'ne'],
  ['!==', 'ne'],
  ['<>', 'ne'],
  ['neq', 'ne'],
  ['>', 'gt'],
  ['greaterthan', 'gt'],
  ['>=', 'gte'],
  ['ge', 'gte'],
  ['min', 'gte'],
  ['<', 'lt'],
  ['lessthan', 'lt'],
  ['<=', 'lte'],
  ['le', 'lte'],
  ['max', 'lte'],
  ['range', 'between'],
  ['anyof', 'in'],
  ['oneof', 'in'],
  ['notin', 'nin'],
  ['includes', 'contains'],
  ['has', 'contains'],
  ['prefix', 'startsWith'],
  ['suffix', 'endsWith'],
  ['regex', 'like'],
  ['regexp', 'like'],
  ['matches', 'like'],
  ['pattern', 'like'],
  ['ilike', 'like'],
  ['length', 'size'],
  ['count', 'size'],
  ['elemmatch', 'any'],
  ['some', 'any'],
]);

/** Whether the language has an operator of this name. */
export const isOperator = (name: string): name is FilterOperator => KNOWN.has(name);

/** The operator that was probably meant by an unknown one. */
export const suggestOperator = (name: string): string | undefined =>
  FOREIGN.get(name.toLowerCase()) ?? suggestName(name, WORDS);

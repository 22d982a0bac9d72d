import { IGNORE_CASE } from '../../../../filters/operator-names.js';
import type { FilterOperator } from '../../../../filters/filter.types.js';

interface Operator {
  /** What it tests, in a few words. */
  readonly says: string;
  /** A value that it takes, as JSON. The author replaces `#{…}`, or `#{1:…}` for a number, since `#{100}` is empty. */
  readonly sample: string;
}

/** Help for every operator: a new operator without help doesn't compile. */
export const OPERATOR_HELP: Readonly<Record<FilterOperator | typeof IGNORE_CASE, Operator>> = {
  eq: { says: 'equal to a value', sample: '"#{value}"' },
  ne: { says: 'present, and not equal to a value', sample: '"#{value}"' },
  gt: { says: 'greater than a number or date', sample: '#{1:100}' },
  gte: { says: 'at least a number or date', sample: '#{1:100}' },
  lt: { says: 'less than a number or date', sample: '#{1:100}' },
  lte: { says: 'at most a number or date', sample: '#{1:100}' },
  between: { says: 'from one bound to another, both included', sample: '[#{1:10}, #{2:20}]' },
  in: { says: 'one of several values', sample: '["#{a}", "#{b}"]' },
  nin: { says: 'present, and none of several values', sample: '["#{a}", "#{b}"]' },
  contains: { says: 'text that contains this, or a list with this value', sample: '"#{part}"' },
  startsWith: { says: 'text that begins with this', sample: '"#{start}"' },
  endsWith: { says: 'text that ends with this', sample: '"#{end}"' },
  like: { says: 'text of this form; * stands for any text', sample: '"#{A*}"' },
  all: { says: 'a list with each of several values', sample: '["#{a}", "#{b}"]' },
  size: { says: 'a list with this number of elements', sample: '#{1:1}' },
  exists: { says: 'whether the field is present', sample: '#{true}' },
  any: { says: 'a list with an element that matches a filter', sample: '{ #{} }' },
  not: { says: 'present, and not matched by these operators', sample: '{ #{} }' },
  [IGNORE_CASE]: { says: 'ignores case; write it beside another operator', sample: '#{true}' },
};

/** Help for the words that combine filters. */
export const LOGIC_HELP: Readonly<Record<'and' | 'or' | 'not', Operator>> = {
  and: { says: 'all of several filters', sample: '[{ #{} }]' },
  or: { says: 'at least one of several filters', sample: '[{ #{} }]' },
  not: { says: 'a filter that does not match', sample: '{ #{} }' },
};

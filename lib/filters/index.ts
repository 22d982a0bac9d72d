export { ScriptsEventError } from '../common/errors.js';
export type { ErrorCategory } from '../common/errors.js';
export type { JsonObject, JsonValue } from '../common/json.js';
export { Filter } from './filter.js';
export { FilterError } from './filter.errors.js';
export { explainFilter } from './filter.explainer.js';
export { FilterIndex } from './filter.index.js';
export type { FilterIndexStats } from './filter.index.js';
export { FilterInquiry } from './filter.inquiry.js';
export type { MatchingSteps } from './filter.inquiry.js';
export { FILTER_LIMITS, MATCHING_LIMITS } from './filter.limits.js';
export { matchFilter } from './filter.matcher.js';
export { parseFilter } from './filter.parser.js';
export type {
  ConditionExplanation,
  FilterExplanation,
  FilterIssue,
  FilterIssueCode,
  FilterOperator,
  GroupExplanation,
  JsonScalar,
} from './filter.types.js';

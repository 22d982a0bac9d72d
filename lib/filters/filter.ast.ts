import type { JsonValue } from '../common/json.types.js';
import type { DecimalOperand } from './decimal.js';
import type { FieldPath } from './field-path.js';
import type { ExactInstant } from './instant.js';
import type { FilterOperator, JsonScalar } from './filter.types.js';

/** A filter as read: all its entries have to hold. */
export interface FilterNode {
  entries: readonly EntryNode[];
}

/** One entry of a filter. `place` is where it stands, for example `filters.or[1].amount`. */
export type EntryNode = FieldNode | GroupNode;

/** The condition on one field. */
export interface FieldNode {
  kind: 'field';
  place: string;
  path: FieldPath;
  condition: ConditionNode;
}

/** Filters that are combined. */
export type GroupNode =
  | { kind: 'and' | 'or'; place: string; filters: readonly FilterNode[] }
  | { kind: 'not'; place: string; filter: FilterNode };

/** A condition on one field: all its operators have to hold. */
export interface ConditionNode {
  operators: readonly OperatorNode[];
  ignoreCase: boolean;
}

/** A bound that numbers or instants are compared with; `json` is how its author wrote it. */
export type OrderOperand =
  | { kind: 'number'; json: number | string; decimal: DecimalOperand }
  | { kind: 'date'; json: string; instant: ExactInstant };

interface Operands {
  eq: { operand: JsonValue };
  ne: { operand: JsonValue };
  gt: { operand: OrderOperand };
  gte: { operand: OrderOperand };
  lt: { operand: OrderOperand };
  lte: { operand: OrderOperand };
  between: { low: OrderOperand; high: OrderOperand };
  in: { items: readonly JsonScalar[] };
  nin: { items: readonly JsonScalar[] };
  all: { items: readonly JsonScalar[] };
  contains: { operand: JsonScalar };
  startsWith: { operand: string };
  endsWith: { operand: string };
  like: { operand: string };
  size: { operand: number };
  exists: { operand: boolean };
  any: { filter: FilterNode };
  not: { condition: ConditionNode };
}

/** The named operator with its operand; `json` is the operand as its author wrote it. */
export type OperatorNodeOf<Name extends FilterOperator> = Name extends FilterOperator
  ? { name: Name; place: string; json: JsonValue } & Operands[Name]
  : never;

/** Any operator with its operand. */
export type OperatorNode = OperatorNodeOf<FilterOperator>;

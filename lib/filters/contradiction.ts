import { compileCondition } from './condition.compiler.js';
import { compareWith } from './order.js';
import type {
  ConditionNode,
  EntryNode,
  FieldNode,
  FilterNode,
  OperatorNode,
  OperatorNodeOf,
  OrderOperand,
} from './filter.ast.js';
import type { JsonScalar } from './filter.types.js';
import { compileFilter } from './filter.compiler.js';
import { MatchRun } from './match-run.js';

/**
 * The path of a field whose conditions no data can meet: they exclude each other, or the field is not among `fields`.
 * Undefined if some data could match. Doesn't find every contradiction.
 *
 * @param fields the only fields that the data may have; undefined for any
 */
export function contradictionIn(filter: FilterNode, fields?: readonly string[]): string | undefined {
  return firstOf(filter.entries, (entry) => contradictionInEntry(entry, fields));
}

function contradictionInEntry(entry: EntryNode, fields?: readonly string[]): string | undefined {
  switch (entry.kind) {
    case 'field':
      return canHold(entry, fields) ? undefined : entry.path.text;
    case 'and':
      return firstOf(entry.filters, (filter) => contradictionIn(filter, fields));
    case 'or': {
      const found = entry.filters.map((filter) => contradictionIn(filter, fields));
      return found.includes(undefined) ? undefined : found[0];
    }
    case 'not':
      return undefined;
  }
}

function firstOf<Item>(items: readonly Item[], find: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function canHold({ path, condition }: FieldNode, fields: readonly string[] | undefined): boolean {
  const { operators } = condition;
  const absent = operators.filter((each) => each.name === 'exists' && !each.operand);
  if (absent.length > 0) return absent.length === operators.length;
  if (fields && !fields.includes(path.parts[0]?.name ?? '')) return false;
  return (
    operators.every(
      (operator) => operator.name !== 'any' || contradictionIn(operator.filter) === undefined,
    ) &&
    valueCanHold(condition) &&
    boundsCanHold(operators)
  );
}

type ListingNode = OperatorNodeOf<'eq' | 'in'>;

/**
 * Whether some value meets the condition. If the condition lists values, one of them must meet all its other operators
 * on one value.
 */
function valueCanHold({ operators, ignoreCase }: ConditionNode): boolean {
  const listed = operators.filter((each): each is ListingNode => each.name === 'eq' || each.name === 'in');
  const items = listed.flatMap((each): unknown[] => (each.name === 'eq' ? [each.operand] : [...each.items]));
  if (items.length === 0 || !items.every(isScalar)) return true;
  const asked = operators.filter(isAskedOfOneValue);
  // The data may have a number as text, in many forms.
  if (asked.some(isAskedOfText) && items.some((item) => typeof item === 'number')) return true;
  const holds = compileCondition({ operators: asked, ignoreCase }, compileFilter);
  // A date is recognised in upper case only, and with `ignoreCase` the data may be in upper case where the list is not.
  const upper = ignoreCase ? items.map((item) => (typeof item === 'string' ? item.toUpperCase() : item)) : [];
  return [...items, ...upper].some((value) => holds(value, new MatchRun(value)));
}

const isScalar = (value: unknown): value is JsonScalar => typeof value !== 'object' || value === null;

/**
 * False for `contains`, `all`, `size` and `any`, which are about a list, and for `not`, which may hold because of
 * another element.
 */
const isAskedOfOneValue = ({ name }: OperatorNode): boolean =>
  !['contains', 'all', 'size', 'any', 'not', 'exists'].includes(name);

const isAskedOfText = ({ name }: OperatorNode): boolean =>
  name === 'startsWith' || name === 'endsWith' || name === 'like';

interface Bound {
  operand: OrderOperand;
  /** Whether the bound itself is allowed. */
  inclusive: boolean;
}

/**
 * False for bounds that no value can fulfil: of numbers and dates together, or with the lower one above the upper one.
 */
function boundsCanHold(operators: readonly OperatorNode[]): boolean {
  const lows = operators.flatMap(lowOf);
  const highs = operators.flatMap(highOf);
  const kinds = new Set([...lows, ...highs].map(({ operand }) => operand.kind));
  return kinds.size < 2 && lows.every((low) => highs.every((high) => hasRoom(low, high)));
}

function lowOf(operator: OperatorNode): Bound[] {
  if (operator.name === 'between') return [{ operand: operator.low, inclusive: true }];
  if (operator.name !== 'gt' && operator.name !== 'gte') return [];
  return [{ operand: operator.operand, inclusive: operator.name === 'gte' }];
}

function highOf(operator: OperatorNode): Bound[] {
  if (operator.name === 'between') return [{ operand: operator.high, inclusive: true }];
  if (operator.name !== 'lt' && operator.name !== 'lte') return [];
  return [{ operand: operator.operand, inclusive: operator.name === 'lte' }];
}

function hasRoom(low: Bound, high: Bound): boolean {
  const order = compareWith(low.operand)(high.operand.json);
  return order > 0 || (order === 0 && low.inclusive && high.inclusive);
}

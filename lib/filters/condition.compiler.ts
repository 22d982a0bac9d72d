import { compareInstant } from './instant.js';
import { compileEquality } from './equality.js';
import type { ConditionNode, FilterNode, OperatorNode, OperatorNodeOf, OrderOperand } from './filter.ast.js';
import type { JsonScalar } from './filter.types.js';
import { elementOf } from './json-form.js';
import { Many, someCandidate, someValue, type ValueTest } from './reach.js';
import { ScalarSet } from './scalar-set.js';
import { createFinder, createLike, foldCase } from './text.js';

/** Asks what a path reached; `undefined` is a missing field. */
export type ReachedTest = (reached: unknown) => boolean;

/** Turns a whole filter into a test of data; handed in because `any` holds a filter. */
export type CompileFilter = (filter: FilterNode) => ValueTest;

/** The tests of one condition, by what they look at. */
interface Tests {
  /** All that was reached: `ne`, `nin`, `not`, `all`. */
  whole: ReachedTest[];
  /** One value that was reached, a list included: `size`, `any`, `contains`. */
  value: ValueTest[];
  /** One value or one element of a list. Together they have to hold for the same one. */
  candidate: ValueTest[];
}

type AskingOperator = Exclude<OperatorNode, { name: 'exists' }>;

/** Turns what is asked of a field into one function. */
export function compileCondition(condition: ConditionNode, compileFilter: CompileFilter): ReachedTest {
  const tests: Tests = { whole: [], value: [], candidate: [] };
  let wanted = true;
  for (const operator of condition.operators) {
    // A field cannot be missing and hold anything else: whatever stands beside `exists: false` fails on a missing one.
    if (operator.name === 'exists') wanted &&= operator.operand;
    else addTest(tests, operator, condition.ignoreCase, compileFilter);
  }
  if (!wanted)
    return condition.operators.every(asksForAbsence) ? (reached) => reached === undefined : () => false;
  return combine(tests);
}

const asksForAbsence = (operator: OperatorNode): boolean => operator.name === 'exists' && !operator.operand;

function combine({ whole, value, candidate }: Tests): ReachedTest {
  const values = candidate.length === 0 ? value : [...value, someOf(every(candidate))];
  if (values.length === 0) {
    const all = every(whole);
    return (reached) => reached !== undefined && all(reached);
  }
  if (whole.length === 0 && value.length === 0) {
    const test = every(candidate);
    return (reached) => {
      if (reached === undefined) return false;
      // A plain value, nearly every case, needs none of what lists need.
      if (typeof reached !== 'object' || reached === null) return test(reached);
      return someValue(reached, (one) => someCandidate(one, test));
    };
  }
  const all = every(whole);
  const test = every(values);
  return (reached) => reached !== undefined && all(reached) && someValue(reached, test);
}

const someOf =
  (test: ValueTest): ValueTest =>
  (value) =>
    someCandidate(value, test);

function every(tests: readonly ValueTest[]): ValueTest {
  const [first] = tests;
  if (first !== undefined && tests.length === 1) return first;
  return (value) => {
    for (const test of tests) if (!test(value)) return false;
    return true;
  };
}

function addTest(
  tests: Tests,
  operator: AskingOperator,
  ignoreCase: boolean,
  compileFilter: CompileFilter,
): void {
  switch (operator.name) {
    case 'ne':
      tests.whole.push(noneOf(compileEquality(operator.operand, ignoreCase)));
      break;
    case 'nin':
      tests.whole.push(noneOf(membership(operator.items, ignoreCase)));
      break;
    case 'not': {
      const holds = compileCondition(operator.condition, compileFilter);
      tests.whole.push((reached) => !holds(reached));
      break;
    }
    case 'all':
      tests.whole.push(everyItemFound(new ScalarSet(operator.items, false)));
      break;
    case 'size':
      tests.value.push((value) => Array.isArray(value) && value.length === operator.operand);
      break;
    case 'any':
      tests.value.push(someElement(compileFilter(operator.filter)));
      break;
    case 'contains':
      tests.value.push(containing(operator.operand, ignoreCase));
      break;
    default:
      tests.candidate.push(candidateTest(operator, ignoreCase));
  }
}

type OrderNode = OperatorNodeOf<'gt' | 'gte' | 'lt' | 'lte' | 'between'>;
type CandidateNode = OrderNode | OperatorNodeOf<'eq' | 'in' | 'startsWith' | 'endsWith' | 'like'>;

function candidateTest(operator: CandidateNode, ignoreCase: boolean): ValueTest {
  switch (operator.name) {
    case 'eq':
      return compileEquality(operator.operand, ignoreCase);
    case 'in':
      return membership(operator.items, ignoreCase);
    case 'startsWith':
      return onText(operator.operand, ignoreCase, (operand) => (text) => text.startsWith(operand));
    case 'endsWith':
      return onText(operator.operand, ignoreCase, (operand) => (text) => text.endsWith(operand));
    case 'like':
      return onText(operator.operand, ignoreCase, createLike);
    default:
      return orderTest(operator);
  }
}

function orderTest(operator: OrderNode): ValueTest {
  if (operator.name === 'between') {
    const low = compareWith(operator.low);
    const high = compareWith(operator.high);
    return (value) => low(value) >= 0 && high(value) <= 0;
  }
  const compare = compareWith(operator.operand);
  switch (operator.name) {
    case 'gt':
      return (value) => compare(value) > 0;
    case 'gte':
      return (value) => compare(value) >= 0;
    case 'lt':
      return (value) => compare(value) < 0;
    case 'lte':
      return (value) => compare(value) <= 0;
  }
}

/** Negative, zero or positive as the value is below, at or above the bound; NaN when the two do not compare. */
export function compareWith(bound: OrderOperand): (value: unknown) => number {
  if (bound.kind === 'number') return (value) => bound.decimal.compare(value);
  return (value) => compareInstant(value, bound.instant);
}

function membership(items: readonly JsonScalar[], ignoreCase: boolean): ValueTest {
  const set = new ScalarSet(items, ignoreCase);
  return (value) => set.has(value);
}

const noneOf =
  (test: ValueTest): ReachedTest =>
  (reached) =>
    !someValue(reached, (value) => someCandidate(value, test));

/** Text operators look at text only; case is folded once for the operand, and for the data when asked. */
function onText(
  operand: string,
  ignoreCase: boolean,
  create: (operand: string) => (text: string) => boolean,
): ValueTest {
  const test = create(ignoreCase ? foldCase(operand) : operand);
  if (ignoreCase) return (value) => typeof value === 'string' && test(foldCase(value));
  return (value) => typeof value === 'string' && test(value);
}

/** A part of a text, or an element of a list. */
function containing(operand: JsonScalar, ignoreCase: boolean): ValueTest {
  const inList = compileEquality(operand, ignoreCase);
  const inText =
    typeof operand === 'string'
      ? onText(operand, ignoreCase, (part) => {
          const find = createFinder(part);
          return (text) => find(text, 0) !== -1;
        })
      : () => false;
  return (value) => (Array.isArray(value) ? someCandidate(value, inList) : inText(value));
}

function someElement(test: ValueTest): ValueTest {
  return (value) => {
    if (!Array.isArray(value)) return false;
    for (let index = 0; index < value.length; index += 1) if (test(elementOf(value, index))) return true;
    return false;
  };
}

/** Each listed value is some element. One pass over the data, however many values are listed. */
function everyItemFound(items: ScalarSet): ReachedTest {
  return (reached) => {
    if (!Array.isArray(reached) && !(reached instanceof Many)) return false;
    const found = new Set<number>();
    const mark: ValueTest = (value) => {
      items.mark(value, found);
      return found.size === items.size;
    };
    return someValue(reached, (value) => someCandidate(value, mark));
  };
}

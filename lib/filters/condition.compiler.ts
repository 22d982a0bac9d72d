import { compileEquality } from './equality.js';
import type { ConditionNode, FilterNode, OperatorNode, OperatorNodeOf, OrderOperand } from './filter.ast.js';
import type { JsonScalar } from './filter.types.js';
import type { MatchRun } from './match-run.js';
import { someCandidate, someInnermost, someValue, type ValueTest } from './candidates.js';
import { compareWith } from './order.js';
import { ScalarSet } from './scalar-set.js';
import { createFinder, createLike, foldCase } from './text.js';

/** A test of what a path reached; `undefined` is a missing field. */
export type ReachedTest = (reached: unknown, run: MatchRun) => boolean;

/** Compiles a whole filter. Passed as a parameter, because an `any` contains a filter. */
export type CompileFilter = (filter: FilterNode) => ValueTest;

/** The tests of one condition, by what they look at. */
interface Tests {
  /** Tests of everything that was reached: `ne`, `nin`, `not`, `all`. */
  whole: ReachedTest[];
  /** Tests of one value that was reached, which may be a list: `size`, `any`, `contains`. */
  value: ValueTest[];
  /** Tests of one value or one element of a list. All must hold for the same one. */
  candidate: ValueTest[];
}

type AskingOperator = Exclude<OperatorNode, { name: 'exists' }>;

/** Compiles a condition into one function. */
export function compileCondition(condition: ConditionNode, compileFilter: CompileFilter): ReachedTest {
  const tests: Tests = { whole: [], value: [], candidate: [] };
  let wanted = true;
  for (const operator of condition.operators) {
    // A field can't be missing and have a value: whatever stands beside `exists: false` fails on a missing field.
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
    return (reached, run) => reached !== undefined && all(reached, run);
  }
  if (whole.length === 0 && value.length === 0) {
    const test = every(candidate);
    const some = someOf(test);
    return (reached, run) => {
      if (reached === undefined) return false;
      // Handled first, because nearly every value is plain.
      if (typeof reached !== 'object' || reached === null) return test(reached, run);
      return someValue(reached, some, run);
    };
  }
  const all = every(whole);
  const test = every(values);
  return (reached, run) => reached !== undefined && all(reached, run) && someValue(reached, test, run);
}

const someOf =
  (test: ValueTest): ValueTest =>
  (value, run) =>
    someCandidate(value, test, run);

function every(tests: readonly ValueTest[]): ValueTest {
  const [first] = tests;
  if (first !== undefined && tests.length === 1) return first;
  return (value, run) => {
    for (const test of tests) {
      run.spend(1);
      if (!test(value, run)) return false;
    }
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
      tests.whole.push((reached, run) => !holds(reached, run));
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
      return inText(operator.operand, ignoreCase, createLike);
    default:
      return orderTest(operator);
  }
}

function orderTest(operator: OrderNode): ValueTest {
  if (operator.name === 'between') {
    const low = countedComparison(operator.low);
    const high = countedComparison(operator.high);
    return (value, run) => low(value, run) >= 0 && high(value, run) <= 0;
  }
  const compare = countedComparison(operator.operand);
  switch (operator.name) {
    case 'gt':
      return (value, run) => compare(value, run) > 0;
    case 'gte':
      return (value, run) => compare(value, run) >= 0;
    case 'lt':
      return (value, run) => compare(value, run) < 0;
    case 'lte':
      return (value, run) => compare(value, run) <= 0;
  }
}

function countedComparison(bound: OrderOperand): (value: unknown, run: MatchRun) => number {
  const compare = compareWith(bound);
  const isDate = bound.kind === 'date';
  return (value, run) => {
    if (isDate) run.spendOnInstant(value);
    else run.spendOnDecimal(value);
    return compare(value);
  };
}

function membership(items: readonly JsonScalar[], ignoreCase: boolean): ValueTest {
  const set = new ScalarSet(items, ignoreCase);
  return (value, run) => set.has(value, run);
}

function noneOf(test: ValueTest): ReachedTest {
  const some = someOf(test);
  return (reached, run) => !someValue(reached, some, run);
}

/** A test of text only. For `ignoreCase`, the operand is folded once, and the data at each test. */
function onText(
  operand: string,
  ignoreCase: boolean,
  create: (operand: string) => (text: string) => boolean,
): ValueTest {
  const test = create(ignoreCase ? foldCase(operand) : operand);
  // Comparing takes 3 ns a unit.
  const steps = operand.length >>> 5;
  return (value, run) => {
    if (typeof value !== 'string') return false;
    run.spend(steps);
    return test(ignoreCase ? run.fold(value) : value);
  };
}

/** A test of text only, for an operator that may search the whole text. */
function inText(
  operand: string,
  ignoreCase: boolean,
  create: (operand: string) => (text: string) => boolean,
): ValueTest {
  const test = onText(operand, ignoreCase, create);
  return (value, run) => {
    if (typeof value !== 'string') return false;
    run.spendOnSearch(value);
    return test(value, run);
  };
}

/** Tests for a part of a text, or an element of a list. */
function containing(operand: JsonScalar, ignoreCase: boolean): ValueTest {
  const inList = compileEquality(operand, ignoreCase);
  const inside =
    typeof operand === 'string'
      ? inText(operand, ignoreCase, (part) => {
          const find = createFinder(part);
          return (text) => find(text, 0) !== -1;
        })
      : () => false;
  return (value, run) => (Array.isArray(value) ? someCandidate(value, inList, run) : inside(value, run));
}

const someElement =
  (test: ValueTest): ValueTest =>
  (value, run) =>
    Array.isArray(value) && someInnermost(value, test, run);

/** True if every listed value is an element. Reads the data once, however many values are listed. */
function everyItemFound(items: ScalarSet): ReachedTest {
  return (reached, run) => {
    const found = new Set<number>();
    const mark: ValueTest = (value) => {
      items.mark(value, found, run);
      return found.size === items.size;
    };
    return reached !== undefined && someValue(reached, someOf(mark), run);
  };
}

import { EXACT_AS_DOUBLE } from '../decimal.js';
import type { OperatorNode, OrderOperand } from '../filter.ast.js';
import type { FieldPath } from '../field-path.js';
import { type Cover, lookupIdOf, type Unproved } from './lead.js';

/** Bounds of one kind, taken together. */
class Bounds {
  low = -Infinity;
  high = Infinity;
  seen = false;
  /** Whether doubles hold all bounds exactly. */
  isExact = true;

  constructor(private readonly kind: 'number' | 'date') {}

  /** Adds a bound. */
  add(operand: OrderOperand, side: 'low' | 'high'): void {
    const at = operand.kind === 'number' ? Number(operand.json) : operand.instant.ms;
    if (side === 'low') this.low = Math.max(this.low, at);
    else this.high = Math.min(this.high, at);
    this.seen = true;
    if (typeof operand.json === 'string' && operand.kind === 'number')
      this.isExact &&= operand.json.length <= EXACT_AS_DOUBLE;
  }

  /** @param bit proved if a value is between the bounds */
  cover(path: FieldPath, bit: Unproved): Cover {
    const { kind, low, high } = this;
    if (low > high) return [];
    const proof = { proves: this.isExact ? bit : 0, demands: 0 };
    const lookupId = lookupIdOf(kind, path, false);
    return [{ lookupId, kind, path, ignoreCase: false, key: { low, high }, proof }];
  }
}

/**
 * Joins the bounds on one field, because one value has to meet all of them. Returns one cover for numbers and one for
 * dates, if there are such bounds.
 *
 * @param bit proved if all bounds are met and the field has no other condition
 */
export function intervalCovers(path: FieldPath, operators: readonly OperatorNode[], bit: Unproved): Cover[] {
  const bounds = { number: new Bounds('number'), date: new Bounds('date') };
  for (const operator of operators) {
    if (operator.name === 'gt' || operator.name === 'gte')
      bounds[operator.operand.kind].add(operator.operand, 'low');
    else if (operator.name === 'lt' || operator.name === 'lte')
      bounds[operator.operand.kind].add(operator.operand, 'high');
    else if (operator.name === 'between') {
      bounds[operator.low.kind].add(operator.low, 'low');
      bounds[operator.high.kind].add(operator.high, 'high');
    }
  }
  const seen = [bounds.number, bounds.date].filter((each) => each.seen);
  // A number is not a date, so meeting the bounds of one kind doesn't meet those of the other.
  return seen.map((each) => each.cover(path, seen.length === 1 ? bit : 0));
}

import type { PathPart } from './field-path.js';
import { NESTED_LISTS } from './filter.limits.js';
import { elementOf, memberOf } from './json-form.js';
import type { Steps } from './steps.js';

/** The values that a path reached through a list; may be empty. */
export class Many {
  constructor(readonly values: readonly unknown[]) {}
}

/** The data has lists nested deeper than the limit, so it matches no filter. */
export class NestedTooDeep extends Error {}

/**
 * Follows a path through data in its JSON form. A name picks an own property, a number picks an element of a list, and
 * a name on a list is looked up in each of its elements. `undefined` means that the data has no such field.
 */
export function reach(data: unknown, parts: readonly PathPart[], steps: Steps, from = 0): unknown {
  let value = data;
  for (let position = from; position < parts.length; position += 1) {
    if (typeof value !== 'object' || value === null) return undefined;
    const part = parts[position] as PathPart;
    if (!Array.isArray(value)) {
      value = memberOf(value, part.name);
    } else if (part.index === undefined) {
      const found: unknown[] = [];
      collect(value, parts, steps, position, found, 1);
      return found.length === 0 ? undefined : new Many(found);
    } else {
      value = part.index < value.length ? elementOf(value, part.index) : undefined;
    }
  }
  return value;
}

function collect(
  list: unknown[],
  parts: readonly PathPart[],
  steps: Steps,
  from: number,
  found: unknown[],
  depth: number,
) {
  if (depth > NESTED_LISTS) throw new NestedTooDeep();
  const each = parts.length - from;
  for (let index = 0; index < list.length; index += 1) {
    steps.spend(each);
    const element = elementOf(list, index);
    if (Array.isArray(element)) {
      collect(element, parts, steps, from, found, depth + 1);
      continue;
    }
    const reached = reach(element, parts, steps, from);
    if (reached instanceof Many) for (const value of reached.values) found.push(value);
    else if (reached !== undefined) found.push(reached);
  }
}

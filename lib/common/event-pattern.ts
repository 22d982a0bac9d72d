import { isEventTypeName } from './event-type-name.js';

/** What a pattern of event types may look like, in words for error messages. */
export const EVENT_PATTERN_RULE =
  'a name in which "*" stands for one part and "**", as the last part and not after "*", for any number of them, such as client.* or **; at most 8 parts';

/**
 * Maximum number of parts of a pattern. Finding the listeners of an event takes up to 2 to the power of this number of
 * look-ups.
 */
const MOST_PARTS = 8;
const ONE = '*';
const ANY = '**';

/** True for text that is meant as a pattern, valid or not. */
export const looksLikeEventPattern = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= 128 && value.includes(ONE);

/**
 * True for a valid pattern of event types. Patterns mean what they mean for EventEmitter2 with `.` between parts: `*`
 * is any one part, `**` any number of parts, including none.
 */
export function isEventPattern(value: unknown): value is string {
  if (!looksLikeEventPattern(value)) return false;
  const parts = value.split('.');
  const last = parts.length - 1;
  // The emitter matches `a` with `a.*.**` too, which nobody would expect.
  if (parts[last] === ANY && parts[last - 1] === ONE) return false;
  // With a letter in place of each star it must be a valid name.
  const name = parts.map((part, at) => (part === ONE || (part === ANY && at === last) ? 'a' : part));
  return parts.length <= MOST_PARTS && isEventTypeName(name.join('.'));
}

/** Whether a pattern matches an event type. */
export function matchesEventPattern(pattern: string, type: string): boolean {
  const parts = pattern.split('.');
  const names = type.split('.');
  const open = parts.at(-1) === ANY;
  const fixed = open ? parts.slice(0, -1) : parts;
  if (open ? names.length < fixed.length : names.length !== fixed.length) return false;
  return fixed.every((part, at) => part === ONE || part === names[at]);
}

/** Whether one of a script's event types and patterns matches the type. */
export const listensTo = (eventTypes: readonly string[], type: string): boolean =>
  eventTypes.some(
    (entry) => entry === type || (looksLikeEventPattern(entry) && matchesEventPattern(entry, type)),
  );

/**
 * Values stored under patterns. Finding those for an event type takes a few look-ups, however many patterns there are.
 */
export class PatternTree<Value> {
  private readonly root: TreeNode<Value> = {};

  add(pattern: string, value: Value): void {
    let node = this.root;
    for (const part of pattern.split('.')) {
      node.children ??= new Map();
      let child = node.children.get(part);
      if (!child) node.children.set(part, (child = {}));
      node = child;
    }
    (node.values ??= new Set()).add(value);
  }

  remove(pattern: string, value: Value): void {
    const way = [this.root];
    const parts = pattern.split('.');
    for (const part of parts) {
      const next = way.at(-1)?.children?.get(part);
      if (!next) return;
      way.push(next);
    }
    way.at(-1)?.values?.delete(value);
    // Empty nodes are removed, so that patterns that come and go leave nothing behind.
    for (let at = parts.length; at > 0; at -= 1) {
      const { values, children } = way[at] as TreeNode<Value>;
      if ((values?.size ?? 0) > 0 || (children?.size ?? 0) > 0) return;
      const above = way[at - 1] as TreeNode<Value>;
      above.children?.delete(parts[at - 1] as string);
      if (above.children?.size === 0) delete above.children;
    }
  }

  /** The values whose patterns match the type, each once. */
  find(type: string): Set<Value> {
    const found = new Set<Value>();
    collect(this.root, type.split('.'), 0, found);
    return found;
  }
}

interface TreeNode<Value> {
  children?: Map<string, TreeNode<Value>>;
  values?: Set<Value>;
}

function collect<Value>(
  node: TreeNode<Value>,
  names: readonly string[],
  at: number,
  found: Set<Value>,
): void {
  const { children, values } = node;
  if (at === names.length) for (const value of values ?? []) found.add(value);
  if (!children) return;
  for (const value of children.get(ANY)?.values ?? []) found.add(value);
  if (at === names.length) return;
  const exact = children.get(names[at] as string);
  if (exact) collect(exact, names, at + 1, found);
  const one = children.get(ONE);
  if (one) collect(one, names, at + 1, found);
}

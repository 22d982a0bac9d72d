import type { JsonTree, Node } from './json.tree.js';

/** Where in a JSON text something is being written. */
export interface JsonPosition {
  /** A member's name, its value, or an entry of a list. */
  readonly kind: 'name' | 'value' | 'entry';
  /** Names of the members around it, from the outermost. */
  readonly around: readonly string[];
  /** Names of the object's other members. */
  readonly taken: ReadonlySet<string>;
  /** The range that is being written, with its quotes. */
  readonly from: number;
  readonly to: number;
}

/** The position at an offset; `undefined` outside of all objects and lists. */
export function positionAt(tree: JsonTree, at: number): JsonPosition | undefined {
  const inner = tree.before(at);
  const written = partBeing(tree.text, inner, at);
  const holder = holderOf(inner, at);
  if (!holder) return undefined;
  const { node, kind } = holder;
  const object = kind === 'name' ? node : undefined;
  const taken = new Set(
    object
      ? tree
          .members(object)
          .filter(({ name }) => name.from !== written.from)
          .map(({ key }) => key)
      : [],
  );
  return { kind, around: namesAround(tree, node), taken, ...written };
}

/** The range that a completion replaces: a text in quotes, a word without quotes, or nothing. */
function partBeing(text: string, { name, from, to }: Node, at: number): { from: number; to: number } {
  if ((name === 'PropertyName' || name === 'String') && from < at) return { from, to };
  const word = /"?[\w.$-]*$/.exec(text.slice(Math.max(0, at - 200), at))?.[0] ?? '';
  return { from: at - word.length, to: at };
}

/** The object in which a name is written, or the member or list in which a value is. */
function holderOf(inner: Node, at: number): { node: Node; kind: JsonPosition['kind'] } | undefined {
  for (let node: Node | null = inner; node; node = node.parent) {
    // After its closing bracket, the offset is outside the node.
    const ended = node.lastChild && /^[}\]]$/.test(node.lastChild.name) && node.to <= at && node.from < at;
    if (ended) continue;
    if (node.name === 'PropertyName')
      return node.parent?.parent ? { node: node.parent.parent, kind: 'name' } : undefined;
    if (node.name === 'Property') return { node, kind: 'value' };
    if (node.name === 'Object') return { node, kind: 'name' };
    if (node.name === 'Array') return { node, kind: 'entry' };
  }
  return undefined;
}

function namesAround(tree: JsonTree, from: Node): string[] {
  const names: string[] = [];
  for (let node: Node | null = from; node; node = node.parent) {
    const name = node.name === 'Property' ? node.getChild('PropertyName') : null;
    if (name) names.unshift(tree.keyOf(name));
  }
  return names;
}

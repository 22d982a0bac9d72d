import { jsonLanguage } from '@codemirror/lang-json';
import { printable } from '../../../../common/printable.js';
import type { Span } from '../span.js';

type Tree = ReturnType<typeof jsonLanguage.parser.parse>;
export type Node = Tree['topNode'];

const VALUES = new Set(['Object', 'Array', 'String', 'Number', 'True', 'False', 'Null']);

/** A JSON text and its syntax tree. An incomplete text has one, too. */
export class JsonTree {
  private readonly tree: Tree;

  constructor(readonly text: string) {
    this.tree = jsonLanguage.parser.parse(text);
  }

  /** The value of the whole text; `undefined` when there is none. */
  get root(): Node | undefined {
    return childrenOf(this.tree.topNode).find(({ name }) => VALUES.has(name));
  }

  /** The innermost node that contains the character before an offset. */
  before(at: number): Node {
    return this.tree.resolveInner(at, -1);
  }

  /** The first place where the text isn't JSON; `undefined` if the tree has no error. */
  firstFault(): Span | undefined {
    let fault: Span | undefined;
    this.tree.iterate({
      enter: ({ type, from, to }) => {
        if (type.isError) fault ??= { from, to };
      },
    });
    return fault;
  }

  /** The members of an object. */
  members(object: Node): Member[] {
    return childrenOf(object)
      .filter(({ name }) => name === 'Property')
      .flatMap((property) => {
        const name = property.getChild('PropertyName');
        return name ? [{ key: this.keyOf(name), name, value: valueOf(property) }] : [];
      });
  }

  /** A name without its quotes and escapes. */
  keyOf({ from, to }: Span): string {
    const quoted = this.text.slice(from, to);
    try {
      return JSON.parse(quoted) as string;
    } catch {
      return quoted.replaceAll('"', '');
    }
  }

  /** Names that occur again later in the same object: JSON uses only the last one. */
  repeated(): { key: string; at: Span }[] {
    const found: { key: string; at: Span }[] = [];
    this.tree.iterate({
      enter: ({ node }) => {
        if (node.name !== 'Object') return;
        const seen = new Set<string>();
        for (const { key, name } of this.members(node).toReversed()) {
          if (seen.has(key)) found.push({ key, at: name });
          seen.add(key);
        }
      },
    });
    return found;
  }

  /**
   * Finds the place that an issue names, such as `filters.or[1].client.city.gt`: the name of a member, or an entry of a
   * list. Names may contain dots. If the text lacks the place, finds the innermost part of it that the text has.
   */
  locate(place: string): Span | undefined {
    const { root } = this;
    const inside = place.replace(/^[^.[]*/, '');
    return root && this.within(root, inside, root);
  }

  private within(value: Node, rest: string, best: Span): Span {
    if (rest === '') return best;
    const entry = /^\[(\d+)\]/.exec(rest);
    if (entry && value.name === 'Array') {
      const item = childrenOf(value).filter(({ name }) => VALUES.has(name))[Number(entry[1])];
      return item ? this.within(item, rest.slice(entry[0].length), item) : best;
    }
    if (value.name !== 'Object') return best;
    // If both `a` and `a.b` fit, the longer name is meant.
    const fitting = this.members(value)
      .map((member) => ({ ...member, start: `.${printable(member.key, Infinity)}` }))
      .filter(({ start }) => rest.startsWith(start) && /^($|[.[])/.test(rest.slice(start.length)))
      .toSorted((a, b) => b.start.length - a.start.length);
    const [member] = fitting;
    if (!member) return best;
    return this.within(member.value ?? value, rest.slice(member.start.length), member.name);
  }
}

export interface Member {
  readonly key: string;
  /** Its name, in quotes. */
  readonly name: Node;
  /** Undefined until the value is written. */
  readonly value: Node | undefined;
}

const valueOf = (property: Node): Node | undefined =>
  childrenOf(property).find(({ name }) => VALUES.has(name));

function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child);
  return children;
}

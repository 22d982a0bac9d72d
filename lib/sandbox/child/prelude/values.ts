/* oxlint-disable unicorn/consistent-function-scoping -- the text of this function is compiled in the isolate: see index.ts */
import type { Captured } from './capture.js';
import type { Errors } from './errors.js';
import type { GivenValues } from './prelude.types.js';

/** Creates `secrets` and `vars` of a run. */
export type MakeValues = ReturnType<typeof valuesMaker>;

export function valuesMaker(captured: Captured, errors: Errors) {
  'use strict';
  const { apply, charCodeAt, freeze, hasOwn, indexOf, NativeProxy, parse, toLowerCase, toPrimitive } =
    captured;
  const { freezeDeep, problem } = errors;

  type Table = Record<string, unknown>;
  const empty = (): Table => ({ __proto__: null }) as unknown as Table;

  /**
   * Names that the language or common code reads from any object. Reading one is no mistake in a name, so it gives
   * `undefined`.
   */
  const ASKED =
    ' then toJSON toString toLocaleString valueOf constructor prototype hasOwnProperty isPrototypeOf propertyIsEnumerable __proto__ ';
  const isAsked = (key: string): boolean => (apply(indexOf, ASKED, [` ${key} `]) as number) >= 0;

  /** How many letters must be added, removed or replaced to turn one name into the other. */
  function distance(left: string, right: string): number {
    // Not a list, because a script may have put a setter on the prototype of lists.
    const row = empty() as Record<number, number>;
    for (let at = 0; at <= right.length; at++) row[at] = at;
    for (let from = 1; from <= left.length; from++) {
      let diagonal = row[0]!;
      row[0] = from;
      for (let to = 1; to <= right.length; to++) {
        const above = row[to]!;
        const same = apply(charCodeAt, left, [from - 1]) === apply(charCodeAt, right, [to - 1]);
        const replaced = diagonal + (same ? 0 : 1);
        const changed = (above < row[to - 1]! ? above : row[to - 1]!) + 1;
        row[to] = replaced < changed ? replaced : changed;
        diagonal = above;
      }
    }
    return row[right.length]!;
  }

  /** A question that suggests the name that was probably meant, or an empty text. */
  function meant(name: string, names: Table): string {
    const lower = apply(toLowerCase, name, []) as string;
    let nearest = '';
    let least = lower.length < 4 ? 2 : lower.length < 9 ? 3 : 4;
    if (lower.length > 64) return '';
    for (const candidate in names) {
      const edits = distance(lower, apply(toLowerCase, candidate, []) as string);
      if (edits < least) {
        least = edits;
        nearest = candidate;
      }
    }
    return nearest === '' ? '' : ` Did you mean "${nearest}"?`;
  }

  /**
   * Creates an object with the names of `table` and `own`. Reading another name throws, unless the name is in `ASKED`.
   */
  function named(
    table: Table,
    unknown: (name: string, below: object) => Error,
    own?: [name: string, value: unknown],
  ): object {
    const get = (_: object, key: string | symbol): unknown => {
      if (typeof key !== 'string') return undefined;
      if (hasOwn(table, key)) return table[key];
      if (own !== undefined && key === own[0]) return own[1];
      if (isAsked(key)) return undefined;
      throw unknown(key, get);
    };
    const handler = freeze({ __proto__: null, get });
    return new NativeProxy(freeze(table), handler as unknown as ProxyHandler<Table>);
  }

  /**
   * Creates an object that stands for a secret. In a text and in JSON it is a marker, which only the parent replaces by
   * the value.
   */
  function handleOf(marker: string): object {
    const toText = freeze(() => marker);
    return freeze({ __proto__: null, toString: toText, toJSON: toText, [toPrimitive]: toText });
  }

  const unknownSecret = (table: Table) => (name: string, below: object) =>
    problem(
      'UnknownNameError',
      `This script has no secret "${name}": the secret must exist, and be named in the script's secrets.${meant(name, table)}`,
      'secret',
      below,
    );

  function secretsOf({ nonce, names }: NonNullable<GivenValues['secrets']>): object {
    const table = empty();
    for (let at = 0; at < names.length; at++) table[names[at]!] = handleOf(`_secret_${nonce}_${at}_`);
    return named(table, unknownSecret(table));
  }

  function varsOf(values: NonNullable<GivenValues['vars']>): object {
    const table = empty();
    for (const name in values) if (hasOwn(values, name)) table[name] = freezeDeep(values[name]);
    const get = freeze((name: string, fallback?: unknown): unknown =>
      hasOwn(table, name) ? table[name] : fallback,
    );
    const unknown = (name: string, below: object): Error => {
      const message = `There is no variable "${name}".${meant(name, table)} vars.get("${name}", fallback) is no error`;
      return problem('UnknownNameError', message, 'variable', below);
    };
    return named(table, unknown, ['get', get]);
  }

  // Most runs have neither secrets nor variables, and share these.
  const none = freeze({ secrets: secretsOf({ nonce: '', names: [] }), vars: varsOf({}) });

  return (text: string | undefined): { secrets: object; vars: object } => {
    if (text === undefined) return none;
    const { secrets, vars } = parse(text) as GivenValues;
    return {
      secrets: secrets === null ? none.secrets : secretsOf(secrets),
      vars: vars === null ? none.vars : varsOf(vars),
    };
  };
}

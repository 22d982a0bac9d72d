import jsTokens, { type Token } from 'js-tokens';
import { Slices } from '../common/slices.js';

/** A name that a source uses and doesn't declare, such as `secrets.token`, and the first line that uses it. */
export interface FreeReference {
  /** `vars.region.code` is `['vars', 'region', 'code']`. A single name is a function that is called: `findClient()`. */
  readonly path: readonly string[];
  /** From 1. */
  readonly line: number;
}

interface Placed {
  readonly type: Token['type'];
  readonly value: string;
  readonly line: number;
}

const SPACE: ReadonlySet<Token['type']> = new Set([
  'WhiteSpace',
  'LineTerminatorSequence',
  'SingleLineComment',
  'MultiLineComment',
  'HashbangComment',
]);
/** Milliseconds of work before the event loop gets a turn, and tokens between two checks of the clock. */
const SLICE_MS = 5;
const READ_AT_ONCE = 500;
const DECLARES: ReadonlySet<string> = new Set(['const', 'let', 'var', 'function', 'class']);

/**
 * The paths that a source reads from the given names of its scope: `vars.region`, `vars['region']`,
 * `const { region } = vars`, also in templates. Names in comments and strings don't count, and neither do names that
 * the source declares itself. Names that the script computes are not found.
 *
 * @param source JavaScript that compiles
 * @param roots the first names of the paths
 */
export async function freeReferences(source: string, roots: ReadonlySet<string>): Promise<FreeReference[]> {
  // Most sources contain none of these names.
  if (![...roots].some((root) => source.includes(root))) return [];
  const tokens = await significant(source);
  const found = new Map<string, FreeReference>();
  const own = new Set<string>();
  let keys: ReadonlyMap<number, readonly Key[]> | undefined;
  const add = (path: readonly string[], line: number): void => {
    const key = path.join('.');
    if (!found.has(key)) found.set(key, { path, line });
  };
  tokens.forEach(({ type, value, line }, at) => {
    if (type !== 'IdentifierName' || !roots.has(value)) return;
    const before = tokens[at - 1]?.value ?? '';
    if (before === '.' || before === '?.') return;
    if (DECLARES.has(before) || isParameter(tokens, at)) own.add(value);
    const names = namesAfter(tokens, at);
    if (names.length > 0 || tokens[at + 1]?.value === '(') add([value, ...names], line);
    else if (before === '=' && tokens[at - 2]?.value === '}') {
      keys ??= keysByEnd(tokens);
      for (const key of keys.get(at - 2) ?? []) add([value, key.value], key.line);
    }
  });
  return [...found.values()].filter(({ path }) => !own.has(path[0] as string));
}

/** Works in slices, because the largest sources take tens of milliseconds. */
async function significant(source: string): Promise<Placed[]> {
  const slices = new Slices(SLICE_MS);
  const tokens: Placed[] = [];
  let read = 0;
  let line = 1;
  for (const { type, value } of jsTokens(source)) {
    if ((read += 1) % READ_AT_ONCE === 0) await slices.next();
    if (!SPACE.has(type)) tokens.push({ type, value, line });
    if (type === 'LineTerminatorSequence') line += 1;
    else if (value.includes('\n')) line += value.split('\n').length - 1;
  }
  return tokens;
}

/** `vars => …` and `(vars) => …`. */
const isParameter = (tokens: readonly Placed[], at: number): boolean =>
  tokens[at + 1]?.value === '=>' || (tokens[at + 1]?.value === ')' && tokens[at + 2]?.value === '=>');

/** `.a.b`, `?.a` and `['a']` behind a name. */
function namesAfter(tokens: readonly Placed[], root: number): string[] {
  const names: string[] = [];
  for (let at = root + 1; ;) {
    const dotted = tokens[at]?.value === '.' || tokens[at]?.value === '?.';
    const next = tokens[dotted ? at + 1 : at];
    if (dotted && next?.type === 'IdentifierName') {
      names.push(next.value);
      at += 2;
      continue;
    }
    const key = tokens[at + (dotted ? 2 : 1)];
    const named = next?.value === '[' && tokens[at + (dotted ? 3 : 2)]?.value === ']';
    const name = named && key ? textOf(key) : undefined;
    if (name === undefined) return names;
    names.push(name);
    at += dotted ? 4 : 3;
  }
}

type Key = Pick<Placed, 'value' | 'line'>;

/**
 * The keys of each `{ a, b: c, 'd': e, ...rest }`, by the index of its last token. One pass finds all, at any depth.
 */
function keysByEnd(tokens: readonly Placed[]): Map<number, readonly Key[]> {
  const byEnd = new Map<number, readonly Key[]>();
  const open: Key[][] = [];
  tokens.forEach((token, at) => {
    const { value, line } = token;
    if ('{[('.includes(value)) open.push([]);
    else if ('}])'.includes(value)) byEnd.set(at, open.pop() ?? []);
    else {
      const before = tokens[at - 1]?.value;
      const key = token.type === 'IdentifierName' ? value : textOf(token);
      if (key !== undefined && (before === ',' || before === '{')) open.at(-1)?.push({ value: key, line });
    }
  });
  return byEnd;
}

/** The text of a string without escapes; undefined for any other token. */
function textOf({ type, value }: Placed): string | undefined {
  const isText = type === 'StringLiteral' || type === 'NoSubstitutionTemplate';
  return isText && !value.includes('\\') ? value.slice(1, -1) : undefined;
}

import type { FieldPath, PathPart } from './field-path.js';
import { jsonForm } from './json-form.js';
import { Many, reach } from './reach.js';
import { Steps } from './steps.js';
import { foldCase } from './text.js';

/** Most values from lists that are kept for the next filter. More would take too much memory. */
const KEPT_VALUES = 131_072;
/** Steps for reading a path for the first time, besides one for each name: half a microsecond. */
const FIRST_READ_STEPS = 10;
/** Limits of the check whether all data can be read: the number of parts, and the nesting of lists and objects. */
const LOOKED_AT = { parts: 256, depth: 16 };
/** Up to this length, folding a text again costs less than looking up its folded form. */
const FOLDED_AGAIN = 64;

/**
 * One piece of data in its JSON form, while filters are matched against it. Each path is read once and each text folded
 * once, however many filters need it. All work counts its steps here.
 */
export class MatchRun extends Steps {
  private reached: Map<string, unknown> | undefined;
  private readonly isPlain: boolean;
  private folded: Map<string, string> | undefined;
  private members: Map<object, number> | undefined;
  private kept = 0;
  private readable: boolean | undefined;

  /** @param data in its JSON form */
  constructor(
    readonly data: unknown,
    steps?: number,
  ) {
    super(steps);
    this.isPlain = isPlainObject(data);
  }

  /** True if it is certain that no path meets unreadable data: the data is small and plain JSON. */
  get isReadable(): boolean {
    return (this.readable ??= isReadable(this.data));
  }

  /** Counts the steps of a search through a text. In the worst case, a periodic text, it takes 12 ns a unit. */
  spendOnSearch(text: string): void {
    this.spend(text.length >>> 3);
  }

  /** Counts the steps of comparing a decimal number: 65 digits take half a microsecond. */
  spendOnDecimal(value: unknown): void {
    if (typeof value === 'string') this.spend(value.length > 15 ? 5 : 1);
    else if (typeof value === 'bigint') this.spend(5);
  }

  /** Counts the steps of comparing a date, which takes two microseconds. */
  spendOnInstant(value: unknown): void {
    if (typeof value === 'string') this.spend(20);
  }

  /** What the path reaches in `from`: the data, or a part of it. */
  reach(from: unknown, path: FieldPath): unknown {
    const { parts } = path;
    this.spend(parts.length);
    if (from !== this.data) return reach(from, parts, this);
    if (parts.length === 1 && this.isPlain) {
      const { name } = parts[0] as PathPart;
      const value = (from as Record<string, unknown>)[name];
      // Reading a plain field again costs no more than a cache look-up.
      if (value === undefined || (isSimple(value) && Object.hasOwn(from as object, name))) return value;
    }
    const known = this.reached?.get(path.pointer);
    if (known !== undefined) return known === MISSING ? undefined : known;
    this.spend(FIRST_READ_STEPS);
    const found = reach(from, path.parts, this);
    const values = found instanceof Many ? found.values.length : 0;
    if (this.kept + values <= KEPT_VALUES) {
      this.kept += values;
      (this.reached ??= new Map()).set(path.pointer, found === undefined ? MISSING : found);
    }
    return found;
  }

  /** The text in lower case. */
  fold(text: string): string {
    if (text.length <= FOLDED_AGAIN) {
      this.spend(1 + (text.length >>> 2));
      return foldCase(text);
    }
    const known = this.folded?.get(text);
    if (known !== undefined) return known;
    this.spend(text.length >>> 2);
    const folded = foldCase(text);
    (this.folded ??= new Map()).set(text, folded);
    return folded;
  }

  /** How many members an object has, counted once by `count`. */
  membersOf(object: object, count: (object: object) => number): number {
    const known = this.members?.get(object);
    if (known !== undefined) return known;
    const counted = count(object);
    (this.members ??= new Map()).set(object, counted);
    this.spend(4 * counted);
    return counted;
  }
}

const isPlainObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** True for a value that is its own JSON form. */
const isSimple = (value: unknown): boolean =>
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value));

function isReadable(data: unknown): boolean {
  try {
    return partsLeft(data, LOOKED_AT.parts, LOOKED_AT.depth) >= 0;
  } catch {
    return false;
  }
}

/** How many of `most` parts are left after the value; negative if they don't suffice or the value is not plain JSON. */
function partsLeft(value: unknown, most: number, depth: number): number {
  if (isSimple(value) || value === null) return most - 1;
  if (depth === 0 || typeof value !== 'object' || jsonForm(value, '') !== value) return -1;
  let left = most;
  for (const name in value) {
    left = partsLeft((value as Record<string, unknown>)[name], left - 1, depth - 1);
    if (left < 0) return -1;
  }
  return left;
}

const MISSING = Symbol('missing');

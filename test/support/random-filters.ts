/** Random numbers that are the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Json = Record<string, unknown>;

/**
 * Random filters and data over few names and values, so that filters often match: every operator, numbers as text and
 * with many digits, dates, lists of lists, groups within groups.
 */
export class RandomFilters {
  constructor(private readonly random: () => number) {}

  below(count: number): number {
    return Math.floor(this.random() * count);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  data(): Json {
    const data: Json = {};
    for (const name of NAMES) if (this.random() < 0.6) data[name] = this.value(0);
    return data;
  }

  filter(depth = 0): Json {
    const filter: Json = {};
    const conditions = 1 + this.below(3);
    for (let count = 0; count < conditions; count += 1) filter[this.path()] = this.condition(depth);
    if (depth < 3 && this.random() < 0.3) {
      const word = this.pick(['and', 'or', 'or', 'or', 'not']);
      const inner = Array.from({ length: 1 + this.below(3) }, () => this.filter(depth + 1));
      filter[word] = word === 'not' ? inner[0] : inner;
      // A group alone is the harder case.
      if (this.random() < 0.6) return { [word]: filter[word] };
    }
    return filter;
  }

  private path(): string {
    const parts = Array.from({ length: this.pick([1, 1, 1, 2, 2, 3]) }, () => this.pick(NAMES));
    if (this.random() < 0.1) parts.splice(1, 0, this.pick(['0', '1']));
    return this.random() < 0.1 ? `/${parts.join('/')}` : parts.join('.');
  }

  private value(depth: number): unknown {
    const kind = this.random();
    if (depth < 3 && kind < 0.18) return Array.from({ length: this.below(4) }, () => this.value(depth + 1));
    if (depth < 3 && kind < 0.4) {
      const object: Json = {};
      for (const name of NAMES) if (this.random() < 0.4) object[name] = this.value(depth + 1);
      return object;
    }
    return this.scalar();
  }

  private scalar(): unknown {
    const kind = this.random();
    if (kind < 0.35) return this.text();
    if (kind < 0.6) return this.pick(NUMBERS);
    if (kind < 0.75) return this.pick(NUMBERS_AS_TEXT);
    if (kind < 0.85) return this.pick(DATES);
    return this.pick([true, false, null]);
  }

  private text(): string {
    return Array.from({ length: this.below(9) }, () => this.pick(LETTERS)).join('');
  }

  private operand(): string {
    return this.text() || 'a';
  }

  private condition(depth: number): unknown {
    const kind = this.random();
    if (kind < 0.3) return this.scalar();
    if (kind < 0.4) return Array.from({ length: 1 + this.below(5) }, () => this.scalar());
    return this.operators(depth);
  }

  private operators(depth: number): Json {
    const operators: Json = {};
    for (let count = this.pick([1, 1, 2]); count > 0; count -= 1)
      Object.assign(operators, this.operator(depth));
    const folds = ['eq', 'ne', 'in', 'nin', 'contains', 'startsWith', 'endsWith', 'like'];
    if (this.random() < 0.25 && Object.keys(operators).some((name) => folds.includes(name)))
      operators.ignoreCase = true;
    return operators;
  }

  private operator(depth: number): Json {
    const name = this.pick(OPERATORS);
    switch (name) {
      case 'between': {
        const [low, high] = [this.pick(NUMBERS), this.pick(NUMBERS)];
        return { between: [Math.min(low, high), Math.max(low, high)] };
      }
      case 'gt':
      case 'gte':
      case 'lt':
      case 'lte':
        return { [name]: this.pick<unknown>([...NUMBERS, ...NUMBERS_AS_TEXT, ...DATES]) };
      case 'in':
      case 'nin':
      case 'all':
        return { [name]: Array.from({ length: 1 + this.below(4) }, () => this.scalar()) };
      case 'contains':
        return { contains: this.random() < 0.8 ? this.operand() : this.pick(NUMBERS) };
      case 'startsWith':
      case 'endsWith':
        return { [name]: this.operand() };
      case 'like': {
        const around = ['', '*'];
        return { like: this.pick(around) + this.operand() + this.pick(['', '*', '*b']) + this.pick(around) };
      }
      case 'size':
        return { size: this.below(4) };
      case 'exists':
        return { exists: this.random() < 0.6 };
      case 'any':
        return { any: depth < 3 ? this.filter(depth + 1) : { a: 1 } };
      case 'not':
        return { not: { [this.pick(['gt', 'gte'])]: this.pick(NUMBERS) } };
      default:
        return { [name]: this.random() < 0.85 ? this.scalar() : this.value(2) };
    }
  }
}

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const LETTERS = ['a', 'b', 'A', 'ß', 'Σ', '1', 'İ'];
const NUMBERS = [-1, 0, 0.5, 1, 2, 3, 10.5, 1e21, 9_007_199_254_740_992];
const NUMBERS_AS_TEXT = ['1', '1.0', '-1', '10.50', '9007199254740993', '9007199254740992.5', '2.00'];
const DATES = [
  '2026-01-01',
  '2026-01-01T00:00:00Z',
  '2026-01-01T00:00:00.0000001Z',
  '2026-06-01T12:00:00+02:00',
];
const OPERATORS = [
  'eq',
  'eq',
  'ne',
  'gt',
  'gte',
  'lt',
  'lte',
  'between',
  'between',
  'in',
  'in',
  'nin',
  'all',
  'contains',
  'contains',
  'startsWith',
  'endsWith',
  'like',
  'size',
  'exists',
  'any',
  'any',
  'not',
] as const;

import type { JsonObject } from '../common/json.js';
import type { FilterNode } from './filter.ast.js';
import { compileFilter } from './filter.compiler.js';
import { readFilter } from './filter.reader.js';
import { FilterReading } from './filter.reading.js';
import { contradictionIn } from './contradiction.js';
import { jsonForm } from './json-form.js';
import { MatchRun } from './match-run.js';
import { StepsUsedUp } from './steps.js';
import type { ValueTest } from './candidates.js';

/** The filter that was read last, kept because it is often needed again immediately. */
let latest: { filter: Filter; node: FilterNode } | undefined;

/**
 * A valid filter, created by `parseFilter`. Immutable.
 *
 * @publicApi
 */
export class Filter {
  /** Compiled when it is first needed: look-ups decide about most filters without it. */
  #test: ValueTest | undefined;
  /** JSON text. The filter as read takes ten times the memory, and is rarely needed. */
  private readonly source: string;

  /** @internal */
  constructor(source: string, node: FilterNode) {
    this.source = source;
    latest = { filter: this, node };
    Object.freeze(this);
  }

  /**
   * The filter as read, for the explainer and for indexes. Only the most recent filter is kept; any other is read again
   * each time.
   *
   * @internal
   */
  get node(): FilterNode {
    if (latest?.filter !== this)
      latest = {
        filter: this,
        node: readFilter(JSON.parse(this.source), 'filters', 1, new FilterReading()),
      };
    return latest.node;
  }

  /**
   * The compiled test of data in its JSON form; throws when host data throws, or its steps are used up.
   *
   * @internal
   */
  get test(): ValueTest {
    return (this.#test ??= compileFilter(this.node));
  }

  /**
   * The steps of {@link prepare}; 0 if it was done. Reading and compiling take some 25 ns a character.
   *
   * @internal
   */
  get stepsToPrepare(): number {
    return this.#test === undefined ? 20 + (this.source.length >>> 2) : 0;
  }

  /**
   * Compiles the test now instead of at its first use.
   *
   * @internal
   */
  prepare(): void {
    this.#test ??= compileFilter(this.node);
  }

  /** True for `{}`: the filter matches everything. */
  get matchesEverything(): boolean {
    return this.source === '{}';
  }

  /** True if the conditions on a field exclude each other, so that no data can match. */
  get neverMatches(): boolean {
    return this.contradiction() !== undefined;
  }

  /** The fields of the data that it reads, each once: the first names of its paths. */
  get fields(): string[] {
    return [...new Set(fieldsOf(this.node))];
  }

  /**
   * The path of a field whose conditions no data can meet; undefined if none is found.
   *
   * @internal
   * @param fields the only fields that the data may have; default any
   */
  contradiction(fields?: readonly string[]): string | undefined {
    return contradictionIn(this.node, fields);
  }

  /** Whether the data matches. Never throws: data that cannot be read, such as a throwing `toJSON`, does not match. */
  matches(data: unknown): boolean {
    try {
      const form = jsonForm(data, '');
      return this.test(form, new MatchRun(form));
    } catch {
      return false;
    }
  }

  /**
   * Whether the data of a run matches; `undefined` when it takes more steps than the run has left.
   *
   * @internal
   */
  decide(run: MatchRun): boolean | undefined {
    try {
      return this.test(run.data, run);
    } catch (error) {
      // One filter that meets unreadable data must not keep the others from matching.
      return error instanceof StepsUsedUp ? undefined : false;
    }
  }

  /** The JSON the filter was read from, frozen at every depth. */
  toJSON(): JsonObject {
    return freeze(JSON.parse(this.source) as JsonObject);
  }
}

function* fieldsOf({ entries }: FilterNode): Generator<string> {
  for (const entry of entries) {
    if (entry.kind === 'field') yield entry.path.parts[0]?.name ?? '';
    else if (entry.kind === 'not') yield* fieldsOf(entry.filter);
    else for (const filter of entry.filters) yield* fieldsOf(filter);
  }
}

function freeze<T extends object>(value: T): T {
  for (const member of Object.values(value))
    if (typeof member === 'object' && member !== null) freeze(member as object);
  return Object.freeze(value);
}

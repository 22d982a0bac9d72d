import type { JsonValue } from '../common/json.js';
import type { FieldPath } from './field-path.js';
import type { Filter } from './filter.js';
import { MATCHING_LIMITS } from './filter.limits.js';
import { jsonForm } from './json-form.js';
import { MatchRun } from './match-run.js';
import { StepsUsedUp } from './steps.js';
import { shorten } from './shorten.js';

/** The result if the host's data threw an error while it was read. */
export const THROWN = Symbol('thrown');
/** The result if the steps were used up. */
export const UNDECIDED = Symbol('undecided');

/** How many names of the data are compared with a mistyped field name. */
const NAMES_LOOKED_AT = 200;

/**
 * The data of one explanation. The verdict and the reasons each get the steps of one filter, so explaining a filter
 * takes no longer than matching it twice.
 */
export class Explaining {
  private readonly run: MatchRun | null;
  private readonly texts = new Map<string, JsonValue | undefined>();
  private readonly names = new Map<object, string[]>();

  constructor(data: unknown) {
    const form = guarded(() => jsonForm(data, ''));
    this.run = form === THROWN ? null : new MatchRun(form);
  }

  /** Whether the filter matches; `undefined` if that takes too many steps. Call it first. */
  decide(filter: Filter): boolean | undefined {
    if (!this.run) return false;
    this.run.left = MATCHING_LIMITS.filterSteps;
    const verdict = filter.decide(this.run);
    this.run.left = MATCHING_LIMITS.filterSteps;
    return verdict;
  }

  /** The result of `read`. */
  look<T>(read: (run: MatchRun) => T): T | typeof THROWN | typeof UNDECIDED {
    const { run } = this;
    return run ? guarded(() => read(run)) : THROWN;
  }

  /** What a path reached, shortened for people. */
  shown(path: FieldPath, reached: unknown): JsonValue | undefined | typeof THROWN | typeof UNDECIDED {
    if (this.texts.has(path.pointer)) return this.texts.get(path.pointer);
    const text = this.look((run) => shorten(reached, run));
    if (text !== THROWN && text !== UNDECIDED) this.texts.set(path.pointer, text);
    return text;
  }

  /** The first names of an object. */
  namesOf(object: object): string[] {
    const known = this.names.get(object);
    if (known) return known;
    const names = Object.keys(object).slice(0, NAMES_LOOKED_AT);
    this.names.set(object, names);
    return names;
  }
}

function guarded<T>(read: () => T): T | typeof THROWN | typeof UNDECIDED {
  try {
    return read();
  } catch (error) {
    return error instanceof StepsUsedUp ? UNDECIDED : THROWN;
  }
}

/**
 * How large a filter may be, so that reading, storing and matching it is cheap whatever a tenant writes.
 *
 * @publicApi
 */
export const FILTER_LIMITS = {
  /** Filters within filters: the outermost counts 1; `and`, `or`, `not`, `any` and a nested operand each add 1. */
  depth: 8,
  /** Conditions in the whole filter. */
  conditions: 64,
  /** Entries of one list. */
  listItems: 500,
  /** Names in one field path. */
  pathParts: 16,
  /** Characters (Unicode code points) of one text or field path. */
  textCharacters: 1_024,
  /** UTF-8 bytes of the whole filter as JSON text without white space. */
  bytes: 16_384,
} as const;

/**
 * How many steps the filters may take on one event. A step is about as much as looking at one element of a list.
 * A filter that needs more is neither a match nor a miss for this event: it is undecided.
 *
 * @publicApi
 */
export const MATCHING_LIMITS = {
  /**
   * Steps of one filter. 200,000 take 3 to 20 ms; ten conditions on a list of a thousand elements take 10,000, ten
   * searches in a text of 64 KiB 82,000.
   */
  filterSteps: 200_000,
  /** Steps of all filters that are checked for one event. */
  eventSteps: 4_000_000,
} as const;

/** Characters of a text that can still be read as a decimal number; rule 3 of docs/filters.md. */
export const DECIMAL_CHARACTERS = 64;

/**
 * Lists within lists in the data. Deeper data never matches: the bound ends the search in lists that contain
 * themselves, which host objects may, and keeps the call stack small.
 */
export const NESTED_LISTS = 100;

/** Most problems reported for one filter, so that a hostile filter can't cause a huge error. */
export const REPORTED_ISSUES = 200;

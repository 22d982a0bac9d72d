import type { Filter } from './filter.js';

/**
 * Whether the data matches the filter. Pure: no clock, no I/O, the same result for the same data.
 *
 * Never throws. Data is read as the JSON it would become, without copying it: a `Date` counts as its ISO text, NaN as
 * null. A filter that reads unreadable data (a `toJSON` or getter that throws, lists nested deeper than 100) does not
 * match.
 *
 * @publicApi
 */
export const matchFilter = (filter: Filter, data: unknown): boolean => filter.matches(data);

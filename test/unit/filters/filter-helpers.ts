import { FilterError, matchFilter, parseFilter, type FilterIssue } from 'nestjs-scripts-event/filters';

/** Whether a filter written as JSON matches the data. */
export const matches = (filter: unknown, data: unknown): boolean => matchFilter(parseFilter(filter), data);

/** The problems of a filter; none when it is accepted. */
export function issuesOf(filter: unknown): readonly FilterIssue[] {
  try {
    parseFilter(filter);
    return [];
  } catch (error) {
    if (error instanceof FilterError) return error.issues;
    throw error;
  }
}

/** One row: the filter, data it matches, data it does not match. */
export type Row = [filter: unknown, holds: unknown[], fails: unknown[]];

/** Checks a row, naming the data that went wrong. */
export function checkRow([filter, holds, fails]: Row): void {
  const parsed = parseFilter(filter);
  expect(holds.filter((data) => !matchFilter(parsed, data))).toEqual([]);
  expect(fails.filter((data) => matchFilter(parsed, data))).toEqual([]);
}

/** A title for a row of a table. */
export const written = (filter: unknown): string => JSON.stringify(filter);

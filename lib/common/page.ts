import { valueInWords } from './printable.js';

/** Which page of a list to return. */
export interface PageRequest {
  /** Items on the page: 1 to 200, default 50. */
  limit?: number;
  /** `nextCursor` of the previous page; leave it out for the first page. */
  cursor?: string;
}

/** One page of a list. */
export interface Page<T> {
  items: T[];
  /** Pass it as `cursor` to get the next page; `null` on the last page. */
  nextCursor: string | null;
}

export const DEFAULT_PAGE_LIMIT = 50;
const MAX_PAGE_LIMIT = 200;

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** True for text that PostgreSQL accepts as a `uuid`. */
export const isUuid = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);

/** A hint for an unknown condition that belongs to the page request; empty for any other name. */
export const pageHint = (field: string): string =>
  field === 'limit' || field === 'cursor' ? '. Pass limit and cursor in the next argument' : '';

/** What is wrong with a page request, in a message that names the field and the value, or `undefined`. */
export function pageProblem(page: PageRequest): { field: string; message: string } | undefined {
  const { limit = DEFAULT_PAGE_LIMIT, cursor } = page;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_LIMIT) {
    return {
      field: 'limit',
      message: `limit must be a whole number from 1 to ${MAX_PAGE_LIMIT}, not ${valueInWords(limit)}`,
    };
  }
  if (cursor !== undefined && !isUuid(cursor)) {
    return {
      field: 'cursor',
      message: `cursor must be the nextCursor of a page, not ${valueInWords(cursor)}`,
    };
  }
  return undefined;
}

/** A page from `limit + 1` rows ordered by id: the extra row shows that there is another page. */
export function pageOf<T extends { id: string }>(rows: T[], limit: number): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? last.id : null };
}

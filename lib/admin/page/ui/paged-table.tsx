import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Query } from '../api/client';
import { type Page, type Pages, type Result, useApi, usePages } from '../api/query';
import { Failed, Loading } from './states';
import { type Column, Table } from './table';

/** A list of the API: the pages shown, and the current newest page. */
export interface List<Row> {
  pages: Pages<Row>;
  newest: Result<Page<Row>>;
}

/** Loads a list, then polls its newest page. */
export function useList<Row>(path: string, query: Query): List<Row> {
  const pages = usePages<Row>(path, query);
  const first = pages.data?.pages[0];
  const newest = useApi<Page<Row>>({ path, query, first, enabled: first !== undefined });
  const begins = first?.items.length === 0 && (newest.data?.items.length ?? 0) > 0;
  // An empty list shows new rows at once, because no row can move.
  useEffect(() => {
    if (begins) void pages.refetch();
  }, [begins]);
  return { pages, newest };
}

/**
 * A list as a table, page by page. Changes show in their rows. A button counts new rows, so that no row moves under the
 * pointer.
 */
export function PagedTable<Row>({
  list: { pages, newest },
  label,
  columns,
  empty,
  idOf = (row) => (row as { id: string }).id,
}: {
  list: List<Row>;
  label: string;
  columns: readonly Column<Row>[];
  empty: ComponentChildren;
  /** Default: the field `id`. */
  idOf?: IdOf<Row>;
}) {
  if (!pages.data) {
    if (pages.error) return <Failed error={pages.error} again={() => void pages.refetch()} />;
    return <Loading rows={6} />;
  }
  const listed = pages.data.pages.flatMap(({ items }) => items);
  const fresh = newest.data?.items ?? [];
  const rows = upToDate(listed, fresh, idOf);
  const unseen = countNew(listed, fresh, idOf, pages.hasNextPage);
  if (rows.length === 0 && unseen === 0) return <>{empty}</>;
  return (
    <>
      <div class="new-rows" role="status">
        {unseen > 0 && (
          <button type="button" class="button small primary" onClick={() => void pages.refetch()}>
            Show {unseen}
            {unseen === fresh.length && newest.data?.nextCursor ? '+' : ''} new
          </button>
        )}
      </div>
      <Table label={label} columns={columns} rows={rows} keyOf={idOf} />
      {pages.hasNextPage && (
        <div class="more">
          <button
            type="button"
            class="button"
            disabled={pages.isFetchingNextPage}
            onClick={() => void pages.fetchNextPage()}
          >
            {pages.isFetchingNextPage ? 'Loading…' : 'Show more'}
          </button>
        </div>
      )}
    </>
  );
}

type IdOf<Row> = (row: Row) => string;

function upToDate<Row>(listed: readonly Row[], fresh: readonly Row[], idOf: IdOf<Row>): readonly Row[] {
  const byId = new Map(fresh.map((row) => [idOf(row), row]));
  return listed.map((row) => byId.get(idOf(row)) ?? row);
}

/** Counts the new rows among the listed ones. Rows after the last listed one may be on the next page. */
function countNew<Row>(
  listed: readonly Row[],
  fresh: readonly Row[],
  idOf: IdOf<Row>,
  hasMore: boolean,
): number {
  const known = new Set(listed.map(idOf));
  const last = fresh.findLastIndex((row) => known.has(idOf(row)));
  const among = hasMore && last !== -1 ? fresh.slice(0, last) : fresh;
  return among.filter((row) => !known.has(idOf(row))).length;
}

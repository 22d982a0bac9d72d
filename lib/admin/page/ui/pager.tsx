import type { ComponentChildren } from 'preact';
import type { Query } from '../api/client';
import { type Page, type Pages, useApi } from '../api/query';
import { Failed, Loading } from './states';

/**
 * A list page by page. Its newest page is asked for again and again: what has changed is shown in its row, what is new is
 * counted on a button, so that no row moves under a hand.
 */
export function Pager<Row>({
  pages,
  path,
  query,
  empty,
  idOf = (row) => (row as { id: string }).id,
  children,
}: {
  pages: Pages<Row>;
  path: string;
  query: Query;
  empty: ComponentChildren;
  /** Default: the field `id`. */
  idOf?: (row: Row) => string;
  children: (rows: readonly Row[]) => ComponentChildren;
}) {
  const newest = useApi<Page<Row>>({ path, query });
  if (!pages.data) {
    if (pages.error) return <Failed error={pages.error} again={() => void pages.refetch()} />;
    return <Loading rows={6} />;
  }
  const listed = pages.data.pages.flatMap(({ items }) => items);
  const fresh = newest.data?.items ?? [];
  const rows = upToDate(listed, fresh, idOf);
  const unseen = countNew(listed, fresh, idOf);
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
      {children(rows)}
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

/** Rows above the first one that is listed. */
function countNew<Row>(listed: readonly Row[], fresh: readonly Row[], idOf: IdOf<Row>): number {
  const known = new Set(listed.map(idOf));
  const first = fresh.findIndex((row) => known.has(idOf(row)));
  return first === -1 ? fresh.length : first;
}

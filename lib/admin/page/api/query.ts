import {
  InfiniteQueryObserver,
  type InfiniteData,
  type QueryKey,
  QueryClient,
  QueryObserver,
  type InfiniteQueryObserverResult,
  type QueryObserverResult,
} from '@tanstack/query-core';
import { useEffect, useState } from 'preact/hooks';
import { FIRST_ANSWERS } from '../base';
import { ApiError, get, type Query } from './client';

/** Milliseconds between polls, which stop while the page is hidden. */
const POLL_MS = 5_000;

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // A temporary failure is tried again with the next poll.
      retry: false,
      refetchOnWindowFocus: true,
    },
  },
});
queries.mount();
for (const { path, query, value } of FIRST_ANSWERS) queries.setQueryData([path, query], value);

const SESSION = 'session';

/** Any answer may show that the session has ended: checks the session at once. */
queries.getQueryCache().subscribe(({ type, query }) => {
  const { error } = query.state;
  if (type !== 'updated' || query.queryKey[0] === SESSION) return;
  if (error instanceof ApiError && error.status === 401)
    void queries.invalidateQueries({ queryKey: [SESSION] }, { cancelRefetch: false });
});

export type Result<T> = QueryObserverResult<T, ApiError>;

export interface Asked<T = unknown> {
  path: string;
  query?: Query | undefined;
  /** Default true. */
  enabled?: boolean | undefined;
  /** Milliseconds between polls; false for what does not change. Default {@link POLL_MS}. */
  poll?: number | false | undefined;
  /** Has no data before an answer to a request of its own: a known answer may be of an older state. */
  anew?: boolean | undefined;
  /** The value before the first answer. */
  first?: T | undefined;
}

const optionsOf = <T>({ path, query, enabled = true, poll = POLL_MS, anew = false, first }: Asked<T>) => ({
  queryKey: [path, query ?? {}] as QueryKey,
  queryFn: ({ signal }: { signal: AbortSignal }): Promise<T> => get<T>(path, query, signal),
  enabled,
  refetchInterval: poll,
  ...(anew ? { staleTime: 0 } : {}),
  ...(first === undefined ? {} : { initialData: (): T => first }),
});

/** The answer of an API path, kept fresh. */
export function useApi<T>(asked: Asked<T>): Result<T> {
  const options = optionsOf<T>(asked);
  const [observer] = useState(() => new QueryObserver<T, ApiError>(queries, options));
  const [, show] = useState(0);
  observer.setOptions(options);
  useEffect(() => observer.subscribe(() => show((n) => n + 1)), [observer]);
  const result = observer.getOptimisticResult(queries.defaultQueryOptions(options));
  return asked.anew && !result.isFetchedAfterMount ? ({ ...result, data: undefined } as Result<T>) : result;
}

export interface Page<T> {
  items: readonly T[];
  nextCursor: string | null;
}

export type Pages<T> = InfiniteQueryObserverResult<InfiniteData<Page<T>, string | undefined>, ApiError>;

/** The pages of a list, newest first. They don't change until `refetch`. */
export function usePages<T>(path: string, query: Query): Pages<T> {
  const options = {
    queryKey: [path, query, 'pages'] as QueryKey,
    queryFn: ({ signal, pageParam }: { signal: AbortSignal; pageParam: unknown }) =>
      get<Page<T>>(path, { ...query, cursor: pageParam as string | undefined }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }: Page<T>) => nextCursor ?? undefined,
    refetchOnWindowFocus: false,
    staleTime: Infinity,
    gcTime: 0,
  };
  const [observer] = useState(
    () =>
      new InfiniteQueryObserver<
        Page<T>,
        ApiError,
        InfiniteData<Page<T>, string | undefined>,
        QueryKey,
        string | undefined
      >(queries, options),
  );
  const [, show] = useState(0);
  observer.setOptions(options);
  useEffect(() => observer.subscribe(() => show((n) => n + 1)), [observer]);
  return observer.getOptimisticResult(queries.defaultQueryOptions(options) as never) as Pages<T>;
}

/** Requests everything shown again, after a change. */
export const refresh = (): Promise<void> => queries.invalidateQueries();

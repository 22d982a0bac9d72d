import type { ComponentChildren } from 'preact';
import { ApiError } from '../api/client';
import { Icon, type IconName } from './icons';

export const Loading = ({ rows = 3 }: { rows?: number }) => (
  <div class="loading" role="status" aria-label="Loading">
    {Array.from({ length: rows }, (_, at) => (
      <div key={at} class="skeleton" />
    ))}
  </div>
);

/** Nothing to show, and what to do about it. */
export const Empty = ({
  icon,
  title,
  children,
}: {
  icon: IconName;
  title: string;
  children: ComponentChildren;
}) => (
  <div class="empty">
    <span class="empty-icon">
      <Icon name={icon} />
    </span>
    <h2>{title}</h2>
    <div>{children}</div>
  </div>
);

/** No item of a list matches its filters. */
export const NoMatch = ({ what, clear }: { what: string; clear: string }) => (
  <Empty icon="search" title={`No matching ${what}`}>
    <a class="button" href={clear}>
      Clear the filters
    </a>
  </Empty>
);

const TITLES: Readonly<Record<number, string>> = {
  403: 'You don’t have access to this',
  404: 'Not found',
};

export const Failed = ({ error, again }: { error: ApiError; again?: (() => void) | undefined }) => (
  <div class="empty" role="alert">
    <span class="empty-icon bad">
      <Icon name="failures" />
    </span>
    <h2>{error.passing ? 'Temporarily unavailable' : (TITLES[error.status] ?? 'That didn’t work')}</h2>
    <div>
      <p>
        {error.passing
          ? 'The application or its database isn’t responding. This page keeps trying.'
          : error.message}
      </p>
      {again && (
        <button type="button" class="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  </div>
);

/** The data, or the reason why it is missing. Loaded data stays when a later request fails. */
export function Loaded<T>({
  result,
  rows,
  children,
}: {
  result: { data: T | undefined; error: ApiError | null; refetch: () => unknown };
  rows?: number;
  children: (data: T) => ComponentChildren;
}) {
  if (result.data !== undefined) return <>{children(result.data)}</>;
  if (result.error) return <Failed error={result.error} again={() => void result.refetch()} />;
  return <Loading {...(rows === undefined ? {} : { rows })} />;
}

import { useMemo } from 'preact/hooks';
import { type Result, useApi } from '../api/query';
import type { FailureGroup, FailureGroups } from '../api/schema';
import { nameOf } from '../api/names';
import { useHref, useTenantQuery } from '../session';
import { Badge } from '../ui/badge';
import { Empty, Loaded } from '../ui/states';
import { type Column, Table } from '../ui/table';
import { When } from '../ui/time';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Days to look back: one, or seven, the API's limit. */
export type Days = 1 | 7;

/** Rounds to the minute to keep the request the same. Undefined for one day, which is the API's default. */
const startOf = (days: Days): string | undefined =>
  days === 1
    ? undefined
    : new Date(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - days * DAY_MS + MINUTE_MS).toISOString();

export function useFailures({
  days,
  scriptId,
  limit,
  enabled,
}: {
  days: Days;
  scriptId?: string;
  limit?: number;
  enabled?: boolean;
}): Result<FailureGroups> {
  const tenant = useTenantQuery();
  const from = useMemo(() => startOf(days), [days]);
  return useApi<FailureGroups>({ path: 'failures', query: { ...tenant, scriptId, from, limit }, enabled });
}

/** Failures that look alike, the most frequent first. */
export function FailureGroupTable({
  groups,
  days,
  ofOneScript,
  most,
}: {
  groups: Result<FailureGroups>;
  days: Days;
  ofOneScript?: boolean;
  most?: number;
}) {
  const href = useHref();
  const columns: Column<FailureGroup>[] = [
    {
      title: 'Failure',
      cell: ({ scriptId, scriptName, kind, line, message, executionId }) => (
        <a
          class="main-link"
          href={
            scriptName === null
              ? // The dead letters of a deleted script are discarded.
                href(`executions/${executionId}`)
              : href('dead-letters', { scriptId, errorKind: kind, failedLike: executionId })
          }
        >
          <strong class="message">{message}</strong>
          <small>
            {ofOneScript ? '' : `${nameOf({ scriptName })}, `}
            {line === null ? 'no line' : `line ${line}`}
          </small>
        </a>
      ),
    },
    { title: 'Kind', cell: ({ kind }) => <Badge state={kind} tone="bad" /> },
    { title: 'Count', right: true, cell: ({ count }) => <strong>{count.toLocaleString('en')}</strong> },
    {
      title: 'Versions',
      right: true,
      cell: ({ firstVersion, lastVersion }) =>
        firstVersion === lastVersion ? firstVersion : `${firstVersion} to ${lastVersion}`,
    },
    { title: 'First seen', right: true, cell: ({ firstAt }) => <When at={firstAt} /> },
    { title: 'Last seen', right: true, cell: ({ lastAt }) => <When at={lastAt} /> },
    {
      title: 'Sample',
      hidden: true,
      right: true,
      cell: ({ executionId }) => (
        <a class="button small" href={href(`executions/${executionId}`)}>
          Open the latest
        </a>
      ),
    },
  ];
  return (
    <Loaded result={groups}>
      {({ items, more }) =>
        items.length === 0 ? (
          <Empty icon="check" title="Nothing failed">
            <p>
              {days === 1
                ? 'No execution failed in the last 24 hours.'
                : `No execution failed in the last ${days} days.`}
            </p>
          </Empty>
        ) : (
          <>
            <Table
              label="Failures that look alike"
              columns={columns}
              rows={most === undefined ? items : items.slice(0, most)}
              keyOf={({ executionId }) => executionId}
            />
            {more && most === undefined && (
              <p class="quiet note">Only the newest 5,000 failures are counted.</p>
            )}
          </>
        )
      }
    </Loaded>
  );
}

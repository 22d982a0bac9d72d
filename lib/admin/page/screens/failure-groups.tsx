import { useMemo } from 'preact/hooks';
import { useApi } from '../api/query';
import type { FailureGroup, FailureGroups } from '../api/schema';
import { useScriptNames } from '../api/names';
import { useHref, useTenantQuery } from '../session';
import { Badge } from '../ui/badge';
import { Empty, Loaded } from '../ui/states';
import { type Column, Table } from '../ui/table';
import { When } from '../ui/time';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Midnight-free: so many days before now, to the minute, so that the question stays the same while the page is open. */
export const daysAgo = (days: number): string =>
  new Date(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - days * DAY_MS + MINUTE_MS).toISOString();

/** Failures that look alike, the most frequent first. */
export function FailureGroupList({
  scriptId,
  days,
  most,
}: {
  scriptId?: string;
  days: number;
  most?: number;
}) {
  const href = useHref();
  const tenant = useTenantQuery();
  const nameOf = useScriptNames();
  const from = useMemo(() => daysAgo(days), [days]);
  const groups = useApi<FailureGroups>({ path: 'failures', query: { ...tenant, scriptId, from } });
  const columns: Column<FailureGroup>[] = [
    {
      title: 'Failure',
      cell: ({ scriptId: id, kind, line, message }) => (
        <a
          class="main-link"
          href={href('dead-letters', {
            scriptId: id,
            errorKind: kind,
          })}
        >
          <strong class="message">{message}</strong>
          <small>
            {scriptId ? '' : `${nameOf(id)}, `}
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
    { title: 'First', right: true, cell: ({ firstAt }) => <When at={firstAt} /> },
    { title: 'Last', right: true, cell: ({ lastAt }) => <When at={lastAt} /> },
    {
      title: 'Sample',
      hidden: true,
      right: true,
      cell: ({ executionId }) => (
        <a class="button small" href={href(`executions/${executionId}`)}>
          See one
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
              <p class="quiet note">Counted among the newest 5,000 failures; there are more.</p>
            )}
          </>
        )
      }
    </Loaded>
  );
}

import { usePages } from '../api/query';
import type { Query } from '../api/client';
import type { ExecutionSummary } from '../api/schema';
import { useScriptNames } from '../api/names';
import { useHref } from '../session';
import { Badge, Tag } from '../ui/badge';
import { Pager } from '../ui/pager';
import { type Column, Table } from '../ui/table';
import { duration, When } from '../ui/time';
import type { ComponentChildren } from 'preact';

/** Executions, newest first. */
export function ExecutionList({
  query,
  ofOneScript,
  empty,
}: {
  query: Query;
  ofOneScript?: boolean;
  empty: ComponentChildren;
}) {
  const href = useHref();
  const nameOf = useScriptNames();
  const pages = usePages<ExecutionSummary>('executions', query);
  const columns: Column<ExecutionSummary>[] = [
    {
      title: ofOneScript ? 'Execution' : 'Script',
      cell: ({ id, scriptId, status, errorMessage, errorLine, attempt, eventType }) => (
        <a class="main-link" href={href(`executions/${id}`)}>
          <strong>{ofOneScript ? eventType : nameOf(scriptId)}</strong>
          {attempt > 1 && <small class="inline"> attempt {attempt}</small>}
          {status === 'failed' && (
            <small class="error-line">
              {errorLine === null ? '' : `Line ${errorLine}: `}
              {errorMessage}
            </small>
          )}
        </a>
      ),
    },
    {
      title: 'Status',
      cell: ({ status, errorKind }) => (
        <Badge state={errorKind ?? status} tone={status === 'failed' ? 'bad' : 'good'} />
      ),
    },
    ...(ofOneScript
      ? [{ title: 'Version', right: true, cell: ({ scriptVersion }: ExecutionSummary) => scriptVersion }]
      : [{ title: 'Event', cell: ({ eventType }: ExecutionSummary) => <Tag>{eventType}</Tag> }]),
    { title: 'Trigger', cell: ({ trigger }) => TRIGGERS[trigger] ?? trigger },
    { title: 'Took', right: true, cell: ({ durationMs }) => duration(durationMs) },
    { title: 'Ended', right: true, cell: ({ finishedAt }) => <When at={finishedAt} /> },
  ];
  return (
    <Pager pages={pages} path="executions" query={query} empty={empty}>
      {(rows) => <Table label="Executions" columns={columns} rows={rows} keyOf={({ id }) => id} />}
    </Pager>
  );
}

/** What made an execution run. */
export const TRIGGERS: Readonly<Record<string, string>> = {
  event: 'event',
  retry: 'retry',
  replay: 'replay',
  manual: 'application',
  test: 'test run',
};

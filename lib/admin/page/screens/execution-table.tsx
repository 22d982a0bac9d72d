import { formatDuration } from '../../../common/duration-text';
import type { ComponentChildren } from 'preact';
import type { ExecutionSummary } from '../api/schema';
import { nameOf } from '../api/names';
import { useHref } from '../session';
import { Outcome, Tag } from '../ui/badge';
import { type List, PagedTable } from '../ui/paged-table';
import type { Column } from '../ui/table';
import { When } from '../ui/time';

/** Executions, newest first. */
export function ExecutionTable({
  list,
  ofOneScript,
  empty,
}: {
  list: List<ExecutionSummary>;
  ofOneScript?: boolean;
  empty: ComponentChildren;
}) {
  const href = useHref();
  const columns: Column<ExecutionSummary>[] = [
    {
      title: ofOneScript ? 'Execution' : 'Script',
      cell: ({ id, scriptName, status, errorMessage, errorLine, attempt, eventType }) => (
        <a class="main-link" href={href(`executions/${id}`)}>
          <strong>{ofOneScript ? eventType : nameOf({ scriptName })}</strong>
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
      cell: ({ status, errorKind }) => <Outcome status={status} kind={errorKind} />,
    },
    ...(ofOneScript
      ? [{ title: 'Version', right: true, cell: ({ scriptVersion }: ExecutionSummary) => scriptVersion }]
      : [{ title: 'Event type', cell: ({ eventType }: ExecutionSummary) => <Tag>{eventType}</Tag> }]),
    { title: 'Trigger', cell: ({ trigger }) => TRIGGERS[trigger] ?? trigger },
    { title: 'Duration', right: true, cell: ({ durationMs }) => formatDuration(durationMs) },
    { title: 'Ended', right: true, cell: ({ finishedAt }) => <When at={finishedAt} /> },
  ];
  return <PagedTable list={list} label="Executions" columns={columns} empty={empty} />;
}

/** What started an execution. */
export const TRIGGERS: Readonly<Record<string, string>> = {
  event: 'event',
  retry: 'retry',
  replay: 'replay',
  manual: 'application',
  test: 'test run',
};

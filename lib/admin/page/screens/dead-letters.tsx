import { useState } from 'preact/hooks';
import { nameOf } from '../api/names';
import type { DeadLetterSummary } from '../api/schema';
import { useHref, useMay, useTenantQuery } from '../session';
import { Badge, Tag } from '../ui/badge';
import { Choice, FilterBar, useFilters } from '../ui/filters';
import { Heading } from '../ui/heading';
import { Icon } from '../ui/icons';
import { PagedTable, useList } from '../ui/paged-table';
import { Empty, NoMatch } from '../ui/states';
import type { Column } from '../ui/table';
import { When } from '../ui/time';
import { BulkDialog } from './dead-letter-bulk';
import { REASONS, WhatComesNext } from './dead-letter-words';
import { FailedLike } from './failed-like';
import { EventTypeChoice, FailureKindChoice, ScriptChoice } from './record-filters';

const OPEN = ['pending', 'retrying', 'exhausted'] as const;
const STATUSES = [...OPEN, 'resolved', 'discarded'] as const;

/** Statuses that a bulk act applies to. */
function actable(status: string | undefined): string[] {
  if (status === undefined) return ['pending', 'exhausted'];
  return status === 'pending' || status === 'exhausted' ? [status] : [];
}

export function DeadLetters() {
  const href = useHref();
  const tenant = useTenantQuery();
  const mayOperate = useMay('operate');
  const [{ status, scriptId, reason, errorKind, failedLike, eventType, eventId }, change] = useFilters();
  const [asked, ask] = useState<'replay' | 'discard' | null>(null);
  const conditions = { scriptId, reason, errorKind, failedLike, eventType, eventId };
  const list = useList<DeadLetterSummary>('dead-letters', {
    ...tenant,
    ...conditions,
    status: status ?? OPEN,
  });
  const first = list.pages.data?.pages[0]?.items[0];
  const filtered = status !== undefined || Object.values(conditions).some((one) => one !== undefined);
  const acting = actable(status);
  const columns: Column<DeadLetterSummary>[] = [
    {
      title: 'Dead letter',
      cell: (letter) => (
        <a class="main-link" href={href(`dead-letters/${letter.id}`)}>
          <strong>{nameOf(letter)}</strong>
          {letter.eventCount > 1 && <small class="inline"> stands for {letter.eventCount} events</small>}
          <small class="error-line">{letter.error}</small>
        </a>
      ),
    },
    {
      title: 'Status',
      cell: (letter) => (
        <Badge state={letter.reason === 'held' && letter.status === 'pending' ? 'held' : letter.status} />
      ),
    },
    { title: 'Event type', cell: ({ eventType: type }) => <Tag>{type}</Tag> },
    { title: 'What happens next', cell: (letter) => <WhatComesNext letter={letter} /> },
    { title: 'Created', right: true, cell: ({ createdAt }) => <When at={createdAt} /> },
  ];
  const actions = mayOperate && acting.length > 0 && first && (
    <>
      <button type="button" class="button" onClick={() => ask('discard')}>
        <Icon name="trash" />
        Discard all matching…
      </button>
      <button type="button" class="button primary" onClick={() => ask('replay')}>
        <Icon name="replay" />
        Replay all matching…
      </button>
    </>
  );
  return (
    <>
      <Heading title="Dead letters" actions={actions || undefined}>
        <p>Events whose execution failed or couldn’t start. Each is kept until it’s resolved or discarded.</p>
      </Heading>
      <FilterBar>
        <Choice
          title="Status"
          none="All open"
          value={status}
          options={STATUSES.map((one) => [one, one])}
          onChange={(one) => change({ status: one })}
        />
        <ScriptChoice
          value={scriptId}
          listed={first}
          onChange={(one) => change({ scriptId: one, failedLike: undefined })}
        />
        <Choice
          title="Reason"
          value={reason}
          options={Object.keys(REASONS).map((one) => [one, one])}
          onChange={(one) => change({ reason: one })}
        />
        <FailureKindChoice
          value={errorKind}
          onChange={(one) => change({ errorKind: one, failedLike: undefined })}
        />
        <EventTypeChoice value={eventType} onChange={(one) => change({ eventType: one })} />
      </FilterBar>
      {failedLike !== undefined && (
        <FailedLike
          key={failedLike}
          executionId={failedLike}
          onRemove={() => change({ failedLike: undefined })}
        />
      )}
      <PagedTable
        list={list}
        label="Dead letters"
        columns={columns}
        empty={
          status === undefined ? (
            <Empty icon="check" title={filtered ? 'No matching open dead letters' : 'No open dead letters'}>
              <p>
                When an execution fails, its event is kept here and retried automatically.{' '}
                {filtered ? 'Nothing that matches the filters is waiting now.' : 'Nothing is waiting now.'}
              </p>
              <p>
                <a href={href('dead-letters', { ...conditions, status: 'resolved' })}>Show resolved ones</a>
              </p>
              {filtered && (
                <a class="button" href={href('dead-letters')}>
                  Clear the filters
                </a>
              )}
            </Empty>
          ) : (
            <NoMatch what="dead letters" clear={href('dead-letters')} />
          )
        }
      />
      {asked && (
        <BulkDialog act={asked} filter={{ ...conditions, status: acting }} onClose={() => ask(null)} />
      )}
    </>
  );
}

import { useState } from 'preact/hooks';
import { useApi, usePages } from '../api/query';
import type { DeadLetterSummary, EventTypes, ScriptSummaryPage } from '../api/schema';
import { useScriptNames } from '../api/names';
import { useHref, useMay, useTenantQuery } from '../session';
import { Badge, Tag } from '../ui/badge';
import { Choice, FilterBar, useFilters } from '../ui/filters';
import { Heading } from '../ui/heading';
import { Icon } from '../ui/icons';
import { Pager } from '../ui/pager';
import { Empty } from '../ui/states';
import { type Column, Table } from '../ui/table';
import { When } from '../ui/time';
import { BulkDialog } from './dead-letter-bulk';
import { REASONS, WhatComesNext } from './dead-letter-words';

const OPEN = ['pending', 'retrying', 'exhausted'] as const;
const STATUSES = [...OPEN, 'resolved', 'discarded'] as const;
const KINDS = ['timeout', 'memory', 'syntax', 'runtime', 'rejected', 'crashed', 'cancelled'] as const;

/** Statuses of what an act on all that match is for. */
function actable(status: string | undefined): string[] {
  if (status === undefined) return ['pending', 'exhausted'];
  return status === 'pending' || status === 'exhausted' ? [status] : [];
}

export function DeadLetters() {
  const href = useHref();
  const tenant = useTenantQuery();
  const mayOperate = useMay('operate');
  const nameOf = useScriptNames();
  const [filters, change] = useFilters();
  const { scriptId, reason, errorKind, eventType, eventId } = filters;
  const { status } = filters;
  const [asked, ask] = useState<'replay' | 'discard' | null>(null);
  const scripts = useApi<ScriptSummaryPage>({
    path: 'scripts',
    query: { ...tenant, limit: 200 },
    poll: 60_000,
  });
  const types = useApi<EventTypes>({ path: 'event-types', poll: false });
  const conditions = { scriptId, reason, errorKind, eventType, eventId };
  const query = { ...tenant, ...conditions, status: status ?? OPEN };
  const pages = usePages<DeadLetterSummary>('dead-letters', query);
  const filtered = status !== undefined || Object.values(conditions).some((one) => one !== undefined);
  const acting = actable(status);
  const some = (pages.data?.pages[0]?.items.length ?? 0) > 0;
  const columns: Column<DeadLetterSummary>[] = [
    {
      title: 'Dead letter',
      cell: ({ id, scriptId: of, error, eventCount }) => (
        <a class="main-link" href={href(`dead-letters/${id}`)}>
          <strong>{nameOf(of)}</strong>
          {eventCount > 1 && <small class="inline"> stands for {eventCount} events</small>}
          <small class="error-line">{error}</small>
        </a>
      ),
    },
    {
      title: 'Status',
      cell: (letter) => (
        <Badge state={letter.reason === 'held' && letter.status === 'pending' ? 'held' : letter.status} />
      ),
    },
    { title: 'Event', cell: ({ eventType: type }) => <Tag>{type}</Tag> },
    { title: 'What comes next', cell: (letter) => <WhatComesNext letter={letter} /> },
    { title: 'Made', right: true, cell: ({ createdAt }) => <When at={createdAt} /> },
  ];
  const actions = mayOperate && acting.length > 0 && some && (
    <>
      <button type="button" class="button" onClick={() => ask('discard')}>
        <Icon name="trash" />
        Discard all that match…
      </button>
      <button type="button" class="button primary" onClick={() => ask('replay')}>
        <Icon name="replay" />
        Replay all that match…
      </button>
    </>
  );
  return (
    <>
      <Heading title="Dead letters" actions={actions || undefined}>
        <p>
          Events whose execution failed or could not take place. Each is kept until it is resolved or
          discarded.
        </p>
      </Heading>
      <FilterBar>
        <label class="filter">
          <span>Status</span>
          <select
            value={status ?? ''}
            onChange={({ currentTarget }) => change({ status: currentTarget.value || undefined })}
          >
            <option value="">All that are open</option>
            {STATUSES.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <Choice
          title="Script"
          value={scriptId}
          options={(scripts.data?.items ?? []).map(({ id, name }) => [id, name])}
          onChange={(one) => change({ scriptId: one })}
        />
        <Choice
          title="Reason"
          value={reason}
          options={Object.keys(REASONS).map((one) => [one, one])}
          onChange={(one) => change({ reason: one })}
        />
        <Choice
          title="Kind of failure"
          value={errorKind}
          options={KINDS.map((one) => [one, one])}
          onChange={(one) => change({ errorKind: one })}
        />
        <Choice
          title="Event type"
          value={eventType}
          options={(types.data?.items ?? []).map(({ type }) => [type, type])}
          onChange={(one) => change({ eventType: one })}
        />
      </FilterBar>
      <Pager
        pages={pages}
        path="dead-letters"
        query={query}
        empty={
          filtered ? (
            <Empty icon="search" title="No dead letter matches">
              <a class="button" href={href('dead-letters')}>
                Show all that are open
              </a>
            </Empty>
          ) : (
            <Empty icon="check" title="No open dead letters">
              <p>When an execution fails, its event is kept here and retried by itself. Nothing waits now.</p>
            </Empty>
          )
        }
      >
        {(rows) => <Table label="Dead letters" columns={columns} rows={rows} keyOf={({ id }) => id} />}
      </Pager>
      {asked && (
        <BulkDialog act={asked} filter={{ ...conditions, status: acting }} onClose={() => ask(null)} />
      )}
    </>
  );
}

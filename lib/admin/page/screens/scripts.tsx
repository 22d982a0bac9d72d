import type { ScriptSummary } from '../api/schema';
import { useHref, useMay, useTenantQuery } from '../session';
import { Badge, Tags } from '../ui/badge';
import { Choice, FilterBar, SearchField, useFilters } from '../ui/filters';
import { Heading } from '../ui/heading';
import { Icon } from '../ui/icons';
import { PagedTable, useList } from '../ui/paged-table';
import { Empty, NoMatch } from '../ui/states';
import type { Column } from '../ui/table';
import { WhenBy } from '../ui/time';
import { EventTypeChoice } from './record-filters';

const STATUSES = ['active', 'paused', 'disabled', 'draft', 'archived'] as const;

export function Scripts() {
  const href = useHref();
  const mayWrite = useMay('write');
  const tenant = useTenantQuery();
  const [{ q, status, eventType, secret, variable }, change] = useFilters();
  const list = useList<ScriptSummary>('scripts', {
    ...tenant,
    q,
    status,
    eventType,
    secret,
    variable,
  });
  const create = mayWrite && (
    <a class="button primary" href={href('scripts/new')}>
      <Icon name="plus" />
      New script
    </a>
  );
  const columns: Column<ScriptSummary>[] = [
    {
      title: 'Script',
      cell: ({ id, name, description }) => (
        <a class="main-link" href={href(`scripts/${id}`)}>
          <strong>{name}</strong>
          {description && <small>{description}</small>}
        </a>
      ),
    },
    {
      title: 'Status',
      cell: ({ status: one, degraded, statusReason }) => (
        <span title={statusReason ?? undefined}>
          <Badge state={degraded ? 'degraded' : one} />
        </span>
      ),
    },
    {
      title: 'Listens to',
      cell: ({ eventTypes }) =>
        eventTypes.length === 0 ? <span class="quiet">its schedules only</span> : <Tags of={eventTypes} />,
    },
    { title: 'Version', right: true, cell: ({ version }) => version },
    {
      title: 'Changed',
      cell: ({ updatedAt, updatedBy }) => <WhenBy at={updatedAt} by={updatedBy} />,
    },
  ];
  return (
    <>
      <Heading title="Scripts" actions={create} />
      <FilterBar>
        <SearchField
          title="Name"
          value={q}
          placeholder="Search by name"
          onChange={(one) => change({ q: one })}
        />
        <Choice
          title="Status"
          value={status}
          options={STATUSES.map((one) => [one, one])}
          onChange={(one) => change({ status: one })}
        />
        <EventTypeChoice value={eventType} onChange={(one) => change({ eventType: one })} />
        {secret && (
          <Choice title="Secret" value={secret} options={[]} onChange={(one) => change({ secret: one })} />
        )}
        {variable && (
          <Choice
            title="Variable"
            value={variable}
            options={[]}
            onChange={(one) => change({ variable: one })}
          />
        )}
      </FilterBar>
      <PagedTable
        list={list}
        label="Scripts"
        columns={columns}
        empty={
          q || status || eventType || secret || variable ? (
            <NoMatch what="scripts" clear={href('scripts')} />
          ) : (
            <Empty icon="scripts" title="No scripts yet">
              <p>A script is a few lines of JavaScript that run when something happens in the application.</p>
              {create}
            </Empty>
          )
        }
      />
    </>
  );
}

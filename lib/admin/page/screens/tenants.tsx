import { usePages } from '../api/query';
import type { Tenant } from '../api/schema';
import { pageAddress } from '../session';
import { Badge } from '../ui/badge';
import { FilterBar, SearchField, useFilters } from '../ui/filters';
import { Heading } from '../ui/heading';
import { Pager } from '../ui/pager';
import { Empty } from '../ui/states';
import { type Column, Table } from '../ui/table';

const bounded = (count: number): string => (count > 1_000 ? '1,000+' : count.toLocaleString('en'));

/** For operators: all tenants with scripts, trouble first. */
export function Tenants() {
  const [{ q }, change] = useFilters();
  const query = { q };
  const pages = usePages<Tenant>('tenants', query);
  const columns: Column<Tenant>[] = [
    {
      title: 'Tenant',
      cell: ({ tenantId }) => (
        <a class="main-link" href={pageAddress('overview', { tenant: tenantId })}>
          <strong>{tenantId}</strong>
        </a>
      ),
    },
    {
      title: 'State',
      cell: ({ trouble }) => (
        <Badge state={trouble ? 'in trouble' : 'well'} tone={trouble ? 'bad' : 'good'} />
      ),
    },
    { title: 'Active scripts', right: true, cell: ({ activeScripts }) => activeScripts },
    { title: 'Degraded or disabled', right: true, cell: ({ unwellScripts }) => unwellScripts },
    { title: 'Exhausted dead letters', right: true, cell: ({ exhausted }) => bounded(exhausted) },
    { title: 'Failed in 24 hours', right: true, cell: ({ failedToday }) => bounded(failedToday) },
  ];
  return (
    <>
      <Heading title="Tenants">
        <p>All that have scripts, those in trouble first.</p>
      </Heading>
      <FilterBar>
        <SearchField title="Id" value={q} placeholder="Search by id" onChange={(one) => change({ q: one })} />
      </FilterBar>
      <Pager
        pages={pages}
        path="tenants"
        query={query}
        idOf={({ tenantId }) => tenantId}
        empty={
          q ? (
            <Empty icon="search" title="No tenant matches">
              <button type="button" class="button" onClick={() => change({ q: undefined })}>
                Clear the search
              </button>
            </Empty>
          ) : (
            <Empty icon="tenants" title="No tenant has scripts yet">
              <p>A tenant appears here with its first script.</p>
            </Empty>
          )
        }
      >
        {(rows) => <Table label="Tenants" columns={columns} rows={rows} keyOf={({ tenantId }) => tenantId} />}
      </Pager>
    </>
  );
}

import type { Tenant } from '../api/schema';
import { pageAddress } from '../session';
import { Badge } from '../ui/badge';
import { FilterBar, SearchField, useFilters } from '../ui/filters';
import { Heading } from '../ui/heading';
import { PagedTable, useList } from '../ui/paged-table';
import { Empty, NoMatch } from '../ui/states';
import type { Column } from '../ui/table';

const bounded = (count: number): string => (count > 1_000 ? '1,000+' : count.toLocaleString('en'));

/** For operators: all tenants with scripts, trouble first. */
export function Tenants() {
  const [{ q }, change] = useFilters();
  const list = useList<Tenant>('tenants', { q });
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
        <Badge state={trouble ? 'in trouble' : 'healthy'} tone={trouble ? 'bad' : 'good'} />
      ),
    },
    { title: 'Active scripts', right: true, cell: ({ activeScripts }) => activeScripts },
    { title: 'Degraded or disabled', right: true, cell: ({ unwellScripts }) => unwellScripts },
    { title: 'Exhausted dead letters', right: true, cell: ({ exhausted }) => bounded(exhausted) },
    { title: 'Failed in the last 24 hours', right: true, cell: ({ failedToday }) => bounded(failedToday) },
  ];
  return (
    <>
      <Heading title="Tenants">
        <p>All tenants with scripts. Those in trouble come first.</p>
      </Heading>
      <FilterBar>
        <SearchField title="Id" value={q} placeholder="Search by id" onChange={(one) => change({ q: one })} />
      </FilterBar>
      <PagedTable
        list={list}
        label="Tenants"
        columns={columns}
        idOf={({ tenantId }) => tenantId}
        empty={
          q ? (
            <NoMatch what="tenants" clear={pageAddress('tenants', {})} />
          ) : (
            <Empty icon="tenants" title="No tenant has scripts yet">
              <p>A tenant appears here with its first script.</p>
            </Empty>
          )
        }
      />
    </>
  );
}

import { useState } from 'preact/hooks';
import { useApi } from '../api/query';
import type { Script, StoreKey } from '../api/schema';
import { useHref, useMay, useTenantQuery } from '../session';
import { ActButton } from '../ui/act';
import { FilterBar, SearchField, useFilters } from '../ui/filters';
import { Heading } from '../ui/heading';
import { Icon } from '../ui/icons';
import { PagedTable, useList } from '../ui/paged-table';
import { Empty, Loaded, NoMatch } from '../ui/states';
import type { Column } from '../ui/table';
import { When } from '../ui/time';
import { ClearStore, DeleteKey, ShowEntry } from './store-acts';
import { Written } from './store-times';
import { bytesInWords, Example, SHARED } from './store-words';

type Asked = { act: 'clear' } | { act: 'show' | 'delete'; of: StoreKey };

/** The keys of one store. */
export function StoreKeys({ of }: { of: string }) {
  const tenant = useTenantQuery();
  const shared = of === SHARED;
  const script = useApi<Script>({ path: `scripts/${of}`, query: tenant, enabled: !shared });
  if (shared) return <Keys scriptId={null} name="Shared store" />;
  return <Loaded result={script}>{({ id, name }) => <Keys scriptId={id} name={name} />}</Loaded>;
}

function Keys({ scriptId, name }: { scriptId: string | null; name: string }) {
  const href = useHref();
  const tenant = useTenantQuery();
  const mayWrite = useMay('write');
  const [{ prefix }, change] = useFilters();
  const [asked, ask] = useState<Asked | null>(null);
  const list = useList<StoreKey>('store/keys', { ...tenant, scriptId, prefix });
  const any = (list.pages.data?.pages[0]?.items.length ?? 0) > 0;
  const clear = mayWrite && any && (
    <button type="button" class="button" onClick={() => ask({ act: 'clear' })}>
      <Icon name="trash" />
      {prefix === undefined ? 'Clear store' : 'Delete matching keys'}
    </button>
  );
  return (
    <>
      <Heading
        title={scriptId === null ? 'Shared store' : `Store of ${name}`}
        back={{ to: href('store'), title: 'Store' }}
        actions={clear}
      >
        {scriptId === null ? (
          <p>
            What every script of the tenant reads and writes, with <code>store.tenant</code>.
          </p>
        ) : (
          <p>
            What <a href={href(`scripts/${scriptId}`)}>{name}</a> alone reads and writes, with{' '}
            <code>store</code>.
          </p>
        )}
      </Heading>
      <FilterBar>
        <SearchField
          title="Key"
          value={prefix}
          placeholder="How the key begins"
          onChange={(one) => change({ prefix: one })}
        />
      </FilterBar>
      <PagedTable
        list={list}
        label="Keys"
        columns={columnsFor(mayWrite, ask)}
        idOf={({ key }) => key}
        empty={
          prefix === undefined ? (
            <Empty icon="store" title="Nothing is remembered here yet">
              <p>A run that completes with a call such as this one adds the first key:</p>
              <Example shared={scriptId === null} />
            </Empty>
          ) : (
            <NoMatch what="keys" clear={href('store', { of: scriptId ?? SHARED })} />
          )
        }
      />
      {asked && (
        <Asking asked={asked} scriptId={scriptId} name={name} prefix={prefix} onClose={() => ask(null)} />
      )}
    </>
  );
}

interface AskingProps {
  asked: Asked;
  scriptId: string | null;
  name: string;
  prefix: string | undefined;
  onClose: () => void;
}

function Asking({ asked, onClose, ...store }: AskingProps) {
  switch (asked.act) {
    case 'clear':
      return <ClearStore {...store} onClose={onClose} />;
    case 'show':
      return <ShowEntry of={asked.of} onClose={onClose} />;
    case 'delete':
      return <DeleteKey of={asked.of} onClose={onClose} />;
    default: {
      const rest: never = asked;
      return rest;
    }
  }
}

const columnsFor = (mayWrite: boolean, ask: (asked: Asked) => void): readonly Column<StoreKey>[] => [
  {
    title: 'Key',
    cell: ({ key }) => (
      <strong>
        <code class="value">{key}</code>
      </strong>
    ),
  },
  { title: 'Size', right: true, cell: ({ bytes }) => bytesInWords(bytes) },
  { title: 'Expires', cell: ({ expiresAt }) => <When at={expiresAt} /> },
  { title: 'Written', cell: (one) => <Written of={one} /> },
  {
    title: 'Actions',
    hidden: true,
    right: true,
    cell: (one) => (
      <span class="row-acts">
        <ActButton title="Show value" of={one.key} onClick={() => ask({ act: 'show', of: one })} />
        {mayWrite && (
          <ActButton title="Delete" of={one.key} onClick={() => ask({ act: 'delete', of: one })} />
        )}
      </span>
    ),
  },
];

import { useState } from 'preact/hooks';
import { useApi } from '../api/query';
import type { StoreSize, StoreUsage } from '../api/schema';
import { useHref, useMay, useTenantQuery } from '../session';
import { ActButton } from '../ui/act';
import { useFilters } from '../ui/filters';
import { Heading } from '../ui/heading';
import { Empty, Loaded } from '../ui/states';
import { type Column, Table } from '../ui/table';
import { ClearStore } from './store-acts';
import { StoreKeys } from './store-keys';
import { bytesInWords, Example, nameOfStore, ofStore } from './store-words';

/** From this share on, a quota is nearly used up. */
const NEARLY = 0.9;

/** The stores of a tenant with their sizes, or the keys of one store. */
export function Store() {
  const mayData = useMay('data');
  const [{ of }] = useFilters();
  if (!mayData)
    return (
      <>
        <Heading title="Store" />
        <Empty icon="store" title="You don’t see what scripts remember">
          <p>
            Keys and values are data of the tenant, as payloads are. Seeing them needs the permission{' '}
            <code>data</code>.
          </p>
        </Empty>
      </>
    );
  return of === undefined ? <Stores /> : <StoreKeys key={of} of={of} />;
}

function Stores() {
  const usage = useApi<StoreUsage>({ path: 'store', query: useTenantQuery() });
  return (
    <>
      <Heading title="Store">
        <p>
          What scripts remember from one run to the next. A run changes it when it completes; a run that fails
          changes nothing.
        </p>
      </Heading>
      <Loaded result={usage}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty icon="store" title="No script remembers anything yet">
              <p>
                A script keeps here what it needs in a later run: a counter, what it saw last, whom it has
                told already.
              </p>
              <Example />
            </Empty>
          ) : (
            <>
              <Quota usage={data} />
              <StoreTable usage={data} />
            </>
          )
        }
      </Loaded>
    </>
  );
}

function Quota({ usage: { keys, bytes, maxKeys, maxBytes } }: { usage: StoreUsage }) {
  const used = Math.max(keys / maxKeys, bytes / maxBytes);
  return (
    <section class="quota" aria-label="Quota">
      <Gauge
        words={`${keys.toLocaleString('en')} of ${maxKeys.toLocaleString('en')} keys`}
        value={keys}
        most={maxKeys}
      />
      <Gauge words={`${bytesInWords(bytes)} of ${bytesInWords(maxBytes)}`} value={bytes} most={maxBytes} />
      {used >= NEARLY && (
        <p class="quota-warning">
          The quota is nearly used up. A run that would go over it fails and is not retried: delete keys that
          are no longer needed, or have scripts write them with a <code>ttl</code>.
        </p>
      )}
    </section>
  );
}

const Gauge = ({ words, value, most }: { words: string; value: number; most: number }) => (
  <label class="progress">
    <span>{words}</span>
    <meter min={0} max={most} high={most * NEARLY} optimum={0} value={value} />
  </label>
);

function StoreTable({ usage: { items, more } }: { usage: StoreUsage }) {
  const href = useHref();
  const mayWrite = useMay('write');
  const [asked, ask] = useState<StoreSize | null>(null);
  const columns: Column<StoreSize>[] = [
    {
      title: 'Store',
      cell: (size) => (
        <a class="main-link" href={href('store', { of: ofStore(size) })}>
          <strong>{nameOfStore(size)}</strong>
          {size.scriptId === null && <small>Every script of the tenant reads and writes it</small>}
        </a>
      ),
    },
    { title: 'Keys', right: true, cell: ({ keys }) => keys.toLocaleString('en') },
    { title: 'Size', right: true, cell: ({ bytes }) => bytesInWords(bytes) },
  ];
  if (mayWrite)
    columns.push({
      title: 'Actions',
      hidden: true,
      right: true,
      cell: (size) => (
        <span class="row-acts">
          <ActButton title="Clear" of={nameOfStore(size)} onClick={() => ask(size)} />
        </span>
      ),
    });
  return (
    <>
      <Table label="Stores" columns={columns} rows={items} keyOf={ofStore} />
      {more && (
        <p class="quiet note">
          Only the 200 largest stores are listed, and only 100,000 keys are counted here.
        </p>
      )}
      {asked && (
        <ClearStore
          scriptId={asked.scriptId}
          name={nameOfStore(asked)}
          prefix={undefined}
          onClose={() => ask(null)}
        />
      )}
    </>
  );
}

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useApi } from '../api/query';
import type { ListedSecret as Secret, Secrets as SecretList } from '../api/schema';
import { useHref, useMay, useSession, useTenantQuery } from '../session';
import { ActButton } from '../ui/act';
import { Tags } from '../ui/badge';
import { Heading } from '../ui/heading';
import { Icon } from '../ui/icons';
import { Empty, Loaded } from '../ui/states';
import { type Column, Table } from '../ui/table';
import { When, WhenBy } from '../ui/time';
import { DeleteSecret, EditSecret, NewSecret, NewValue } from './secret-acts';

type Asked = { act: 'new' } | { act: 'value' | 'edit' | 'delete'; secret: Secret };

/** A tenant's secrets, without their values. */
export function Secrets() {
  const { application } = useSession();
  const mayWrite = useMay('write');
  const [asked, ask] = useState<Asked | null>(null);
  if (!application.keepsSecrets)
    return (
      <>
        <Heading title="Secrets" />
        <Off />
      </>
    );
  const create = mayWrite && (
    <button type="button" class="button primary" onClick={() => ask({ act: 'new' })}>
      <Icon name="plus" />
      New secret
    </button>
  );
  return (
    <>
      <Heading title="Secrets" actions={create}>
        <p>
          A script uses a secret, such as the key of an API, and never reads it. Its value can’t be shown
          again.
        </p>
      </Heading>
      <SecretTable ask={ask} create={create} />
      {asked && <Asking asked={asked} onClose={() => ask(null)} />}
    </>
  );
}

const Off = () => (
  <Empty icon="key" title="Secrets are off">
    <p>
      The application has no key to seal them with. Whoever runs it sets <code>secrets.keys</code>, or{' '}
      <code>EVENT_SECRETS_KEY</code>, and starts it again. Everything else works without one.
    </p>
  </Empty>
);

function Asking({ asked, onClose }: { asked: Asked; onClose: () => void }) {
  switch (asked.act) {
    case 'new':
      return <NewSecret onClose={onClose} />;
    case 'value':
      return <NewValue secret={asked.secret} onClose={onClose} />;
    case 'edit':
      return <EditSecret secret={asked.secret} onClose={onClose} />;
    case 'delete':
      return <DeleteSecret secret={asked.secret} onClose={onClose} />;
    default: {
      const rest: never = asked;
      return rest;
    }
  }
}

function SecretTable({ ask, create }: { ask: (asked: Asked) => void; create: ComponentChildren }) {
  const tenant = useTenantQuery();
  const mayWrite = useMay('write');
  const href = useHref();
  const secrets = useApi<SecretList>({ path: 'secrets', query: tenant });
  const scripts: Column<Secret> = {
    title: 'Scripts',
    right: true,
    cell: ({ name, scripts: count }) =>
      count > 0 ? (
        <a href={href('scripts', { secret: name })} aria-label={`${count} with ${name}`}>
          {count}
        </a>
      ) : (
        <span class="quiet">none</span>
      ),
  };
  const acts: Column<Secret> = {
    title: 'Actions',
    hidden: true,
    right: true,
    cell: (secret) => (
      <span class="row-acts">
        <ActButton title="New value" of={secret.name} onClick={() => ask({ act: 'value', secret })} />
        <ActButton title="Edit" of={secret.name} onClick={() => ask({ act: 'edit', secret })} />
        <ActButton title="Delete" of={secret.name} onClick={() => ask({ act: 'delete', secret })} />
      </span>
    ),
  };
  return (
    <Loaded result={secrets}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty icon="key" title="No secrets yet">
            <p>
              Keep the key of an API here instead of in a source. A script that is allowed to use it writes{' '}
              <code>secrets.name</code>, and the value goes only to the hosts and bindings that you choose.
            </p>
            {create}
          </Empty>
        ) : (
          <Table
            label="Secrets"
            columns={[...COLUMNS, scripts, ...(mayWrite ? [acts] : [])]}
            rows={items}
            keyOf={({ name }) => name}
          />
        )
      }
    </Loaded>
  );
}

const COLUMNS: readonly Column<Secret>[] = [
  {
    title: 'Name',
    cell: ({ name, description }) => (
      <span class="main-link">
        <strong class="name">
          <code>{name}</code>
        </strong>
        {description && <small>{description}</small>}
      </span>
    ),
  },
  {
    title: 'Hosts',
    cell: ({ hosts }) => (hosts.length > 0 ? <Tags of={hosts} /> : <span class="quiet">none</span>),
  },
  {
    title: 'Bindings',
    cell: ({ bindings }) => (bindings.length > 0 ? <Tags of={bindings} /> : <span class="quiet">none</span>),
  },
  { title: 'Value set', cell: ({ valueSetAt, valueSetBy }) => <WhenBy at={valueSetAt} by={valueSetBy} /> },
  { title: 'Changed', cell: ({ updatedAt, updatedBy }) => <WhenBy at={updatedAt} by={updatedBy} /> },
  { title: 'Last used', cell: ({ lastUsedAt }) => <When at={lastUsedAt} /> },
];

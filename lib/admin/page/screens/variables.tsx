import { useState } from 'preact/hooks';
import { useApi } from '../api/query';
import type { DeletedVariable, DeletedVariables, Variable, Variables as VariableList } from '../api/schema';
import { useMay, useTenantQuery } from '../session';
import { ActButton } from '../ui/act';
import { Section } from '../ui/data';
import { Heading } from '../ui/heading';
import { Icon } from '../ui/icons';
import { Empty, Loaded } from '../ui/states';
import { type Column, Table } from '../ui/table';
import { WhenBy } from '../ui/time';
import { DeleteVariable, EditVariable, NewVariable } from './variable-acts';
import { ShownValue, VariableHistory } from './variable-history';

type Asked =
  { act: 'new' } | { act: 'history'; name: string } | { act: 'edit' | 'delete'; variable: Variable };

/** A tenant's variables and their history. */
export function Variables() {
  const tenant = useTenantQuery();
  const mayWrite = useMay('write');
  const [asked, ask] = useState<Asked | null>(null);
  const variables = useApi<VariableList>({ path: 'variables', query: tenant });
  const create = mayWrite && (
    <button type="button" class="button primary" onClick={() => ask({ act: 'new' })}>
      <Icon name="plus" />
      New variable
    </button>
  );
  return (
    <>
      <Heading title="Variables" actions={create}>
        <p>
          Values that every script of the tenant reads, as <code>vars.name</code>. A run sees them as they
          were when it began.
        </p>
      </Heading>
      <Loaded result={variables}>
        {({ items }) => (
          <>
            {items.length === 0 ? (
              <Empty icon="variables" title="No variables yet">
                <p>
                  Keep what differs between tenants, or changes now and then, out of the source: a region, a
                  limit, a list of addresses. A script reads it as <code>vars.region</code>, and a change is
                  in force within a second.
                </p>
                {create}
              </Empty>
            ) : (
              <VariableTable items={items} ask={ask} />
            )}
            <Deleted ask={ask} />
            {asked && (
              <Asking asked={asked} names={items.map(({ name }) => name)} onClose={() => ask(null)} />
            )}
          </>
        )}
      </Loaded>
    </>
  );
}

interface AskingProps {
  asked: Asked;
  names: readonly string[];
  onClose: () => void;
}

function Asking({ asked, names, onClose }: AskingProps) {
  switch (asked.act) {
    case 'new':
      return <NewVariable names={names} onClose={onClose} />;
    case 'history':
      return <VariableHistory name={asked.name} onClose={onClose} />;
    case 'edit':
      return <EditVariable variable={asked.variable} onClose={onClose} />;
    case 'delete':
      return <DeleteVariable variable={asked.variable} onClose={onClose} />;
    default: {
      const rest: never = asked;
      return rest;
    }
  }
}

/** Deleted variables, with their history. */
function Deleted({ ask }: { ask: (asked: Asked) => void }) {
  const deleted = useApi<DeletedVariables>({ path: 'deleted-variables', query: useTenantQuery() });
  const items = deleted.data?.items ?? [];
  if (items.length === 0) return null;
  const columns: readonly Column<DeletedVariable>[] = [
    { title: 'Name', cell: ({ name }) => <code>{name}</code> },
    { title: 'Deleted', cell: ({ deletedAt, deletedBy }) => <WhenBy at={deletedAt} by={deletedBy} /> },
    {
      title: 'Actions',
      hidden: true,
      right: true,
      cell: ({ name }) => (
        <ActButton title="History" of={name} onClick={() => ask({ act: 'history', name })} />
      ),
    },
  ];
  return (
    <Section title="Deleted">
      <Table label="Deleted variables" columns={columns} rows={items} keyOf={({ name }) => name} />
    </Section>
  );
}

function VariableTable({ items, ask }: { items: readonly Variable[]; ask: (asked: Asked) => void }) {
  const mayWrite = useMay('write');
  const columns: readonly Column<Variable>[] = [
    {
      title: 'Name',
      cell: ({ name }) => (
        <strong class="name">
          <code>{name}</code>
        </strong>
      ),
    },
    { title: 'Value', cell: ({ value }) => <ShownValue value={value} /> },
    { title: 'Version', right: true, cell: ({ version }) => version },
    { title: 'Changed', cell: ({ updatedAt, updatedBy }) => <WhenBy at={updatedAt} by={updatedBy} /> },
    {
      title: 'Actions',
      hidden: true,
      right: true,
      cell: (variable) => (
        <span class="row-acts">
          <ActButton
            title="History"
            of={variable.name}
            onClick={() => ask({ act: 'history', name: variable.name })}
          />
          {mayWrite && (
            <>
              <ActButton title="Edit" of={variable.name} onClick={() => ask({ act: 'edit', variable })} />
              <ActButton title="Delete" of={variable.name} onClick={() => ask({ act: 'delete', variable })} />
            </>
          )}
        </span>
      ),
    },
  ];
  return <Table label="Variables" columns={columns} rows={items} keyOf={({ name }) => name} />;
}
